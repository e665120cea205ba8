import { tmpdir } from "node:os";
import { requirePacking } from "./builder/packing.ts";
import { ARCHES, AT_LEAST, names, PART_BASES } from "./catalog.ts";
import { type BuilderNode, nodesIn } from "./clients/builder-nodes.ts";
import { resolveBases } from "./clients/buildx.ts";
import { UserError } from "./errors.ts";
import { counted } from "./output.ts";
import { start } from "./processes/programs.ts";
import { ask, freeBytes } from "./processes/tools.ts";
import { compareVersions } from "./smoke/abi/abi.ts";
import { inClone } from "./tool-root.ts";

/** What was found: fine, or a problem with the command or action that fixes it. */
export interface Finding {
  readonly name: string;
  readonly found: string;
  readonly problem?: string;
  readonly remedy?: string;
  /** Arguments of `docker` that do what the remedy says, where a program can. */
  readonly command?: readonly string[];
  /** The problem does not keep images from being built. */
  readonly optional?: boolean;
}

interface Check {
  readonly name: string;
  readonly run: (signal: AbortSignal) => Promise<Omit<Finding, "name">>;
}

const NEEDED_BYTES = 8e9;
const ENGINE_REMEDY = `Install or start Docker: https://docs.docker.com/get-docker/${inClone("; on Debian and Ubuntu without one: make engine")}`;

const BINFMT = ["run", "--privileged", "--rm", "tonistiigi/binfmt", "--install", "all"];
const NEW_BUILDER = ["buildx", "create", "--use", "--name", "mkimage", "--driver", "docker-container"];

const version = (text: string | undefined): string | undefined =>
  /(\d{1,9}\.\d{1,9}(?:\.\d{1,9})?)/.exec(text ?? "")?.[1];

async function checkEngine() {
  const found = await ask(
    "docker",
    "info",
    "--format",
    "{{.ServerVersion}} on {{.OSType}}/{{.Architecture}}",
  );
  if (found && version(found)) return { found: `Docker ${found}` };
  return { found: "none", problem: "no Docker engine answers", remedy: ENGINE_REMEDY };
}

async function checkBuildx() {
  const found = version(await ask("docker", "buildx", "version"));
  if (found && compareVersions(found, AT_LEAST.buildx) >= 0) return { found };
  return {
    found: found ?? "none",
    problem: `buildx ${AT_LEAST.buildx} or newer is needed`,
    remedy: `Install the docker-buildx-plugin package, or Docker Desktop${inClone("; on Debian and Ubuntu without Docker: make engine")}`,
  };
}

/** Of a builder of several nodes, those that are at fault: a build needs each of them. */
const which = (nodes: readonly BuilderNode[], of: readonly BuilderNode[]): string =>
  of.length > 1 ? ` (${nodes.map(({ name, endpoint }) => `${name} at ${endpoint}`).join(", ")})` : "";

/**
 * What is to be said of a builder. Pure.
 * @param shown what `docker buildx inspect` prints of it
 * @param started whether all of its nodes answer
 */
export function judgeBuilder(shown: string, started: boolean): Omit<Finding, "name"> {
  const [, name] = /^Name:\s+(\S+)/m.exec(shown) ?? [];
  const nodes = nodesIn(shown);
  const silent = nodes.filter(({ status }) => status !== "running");
  if (name && !started && nodes.length > 1 && silent.length > 0) {
    const [first] = silent as [BuilderNode];
    return {
      found: `${name}, ${nodes.length} nodes`,
      problem: `${counted(silent.length, "node")} of the builder ${silent.length > 1 ? "do" : "does"} not answer${which(silent, nodes)}`,
      remedy: `Start what does not answer, or take it out: docker buildx create --name ${name} --leave --node ${first.name}`,
    };
  }
  if (!name || !started) {
    return {
      found: "none",
      problem: "the current builder does not start",
      remedy: "docker buildx use default",
      command: ["buildx", "use", "default"],
    };
  }
  const versionOf = ({ buildkit }: BuilderNode) => version(buildkit);
  const versions = [...new Set(nodes.map(versionOf).filter((each) => each !== undefined))];
  const found = [
    name,
    ...(nodes.length > 1 ? [`${nodes.length} nodes`] : []),
    ...(versions.length > 0 ? [`BuildKit ${versions.join(" and ")}`] : []),
  ].join(", ");
  const old = nodes.filter((node) => {
    const known = versionOf(node);
    // Debian's engine does not say the version of the one inside: v0.0.0+unknown.
    return known && known !== "0.0.0" && compareVersions(known, AT_LEAST.buildkit) < 0;
  });
  if (old.length > 0) {
    return {
      found,
      problem: `BuildKit ${AT_LEAST.buildkit} or newer is needed${which(old, nodes)}`,
      remedy: `docker ${NEW_BUILDER.join(" ")}`,
      command: NEW_BUILDER,
    };
  }
  if (versions.length < 2) return { found };
  return {
    found,
    problem: "its nodes have different versions of BuildKit: a digest may depend on the node",
    remedy: "Give all nodes the same version of BuildKit",
    optional: true,
  };
}

async function checkBuilder() {
  const started = await ask("docker", "buildx", "inspect", "--bootstrap");
  const shown = started ?? (await ask("docker", "buildx", "inspect")) ?? "";
  return judgeBuilder(shown, started !== undefined);
}

async function checkPacking(signal: AbortSignal) {
  try {
    await requirePacking();
    return { found: "as Lambda takes images" };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserError) || !error.hint) throw error;
    const problem = `images cannot be inspected or pushed: ${error.message}`;
    return { found: "none", problem, remedy: error.hint, optional: true };
  }
}

/** An architecture can be tested where the builder's kernel starts its programs, natively or through QEMU. */
async function checkPlatforms() {
  const shown = (await ask("docker", "buildx", "inspect")) ?? "";
  const missing = names(ARCHES).filter((arch) => !shown.includes(ARCHES[arch].platform));
  if (missing.length === 0) return { found: names(ARCHES).join(", ") };
  return {
    found: names(ARCHES)
      .filter((arch) => !missing.includes(arch))
      .join(", "),
    problem: `${missing.join(", ")} images can be built but not tested here: there is no emulator`,
    remedy: `docker ${BINFMT.join(" ")}${inClone("; on Debian and Ubuntu without Docker: make engine")}`,
    command: BINFMT,
    optional: true,
  };
}

async function checkRegistry(signal: AbortSignal) {
  try {
    await resolveBases([PART_BASES.node], { signal });
    return { found: "answers" };
  } catch (error) {
    signal.throwIfAborted();
    return {
      found: "no answer",
      problem: `${PART_BASES.node} cannot be resolved (${(error as Error).message.split("\n")[0]})`,
      remedy: `Check the network and \`docker login\`${inClone("; where no container registry can be reached: make mirror")}`,
    };
  }
}

async function checkDisk() {
  const free = await freeBytes(tmpdir());
  const found = `${(free / 1e9).toFixed(0)} GB free`;
  if (free >= NEEDED_BYTES) return { found };
  return {
    found,
    problem: "eight images need about 8 GB",
    remedy: "docker buildx prune",
    command: ["buildx", "prune", "--force"],
    optional: true,
  };
}

async function checkPython() {
  const found = version(await ask("python3", "-m", "pip", "--version"));
  if (found) return { found: `pip ${found}` };
  return {
    found: "none",
    problem: "models from pypi: cannot be fetched",
    remedy: "Install Python 3 with pip (Debian: apt-get install python3-pip)",
    optional: true,
  };
}

async function checkAws() {
  try {
    const [{ defaultProvider }, { awsSettings }] = await Promise.all([
      import("@aws-sdk/credential-provider-node"),
      import("./clients/aws-settings.ts"),
    ]);
    await (awsSettings().credentials ?? defaultProvider())();
    return { found: "credentials found" };
  } catch {
    return {
      found: "none",
      problem: "images cannot be pushed",
      remedy: "aws configure, or set AWS_PROFILE",
      optional: true,
    };
  }
}

/** What a build, a test and a push need, in that order. */
const CHECKS: readonly Check[] = [
  { name: "engine", run: checkEngine },
  { name: "buildx", run: checkBuildx },
  { name: "builder", run: checkBuilder },
  { name: "packing", run: checkPacking },
  { name: "registry", run: checkRegistry },
  { name: "platforms", run: checkPlatforms },
  { name: "disk", run: checkDisk },
  { name: "python", run: checkPython },
  { name: "aws", run: checkAws },
];

/** Runs every check, one after the other; a check reports a problem and never throws for one. */
export async function diagnose(signal: AbortSignal): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, run } of CHECKS) findings.push({ name, ...(await run(signal)) });
  return findings;
}

/**
 * Runs a finding's command, with its output on stderr.
 * @throws UserError (exit 3) when it fails
 */
export async function remedy({ name, command = [] }: Finding, signal: AbortSignal): Promise<void> {
  const options = { cancelSignal: signal, reject: false, stdio: ["ignore", 2, 2] } as const;
  const { exitCode } = await start("docker", command, options);
  signal.throwIfAborted();
  if (exitCode !== 0)
    throw new UserError(`${name}: docker ${command.join(" ")} failed`, {
      reason: "environment",
      hint: "What it said is above.",
    });
}
