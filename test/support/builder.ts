import { randomBytes } from "node:crypto";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ARCHES, type Arch, names } from "../../build/catalog.ts";
import { builderDriver } from "../../build/clients/buildx.ts";
import { eventually } from "./engine.ts";

/** A builder that has built nothing yet; `env` makes buildx use it. */
export interface FreshBuilder {
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** What test/env/engine has made: buildkitd, and its settings, which name the mirror. */
async function findBuildkitd(): Promise<{ binary: string; config: string } | undefined> {
  const states = [process.env["MKIMAGE_STATE"], "/var/lib/mkimage", join(homedir(), ".local/state/mkimage")];
  for (const state of states.filter((each) => each !== undefined)) {
    const [binary, config] = [join(state, "bin/buildkitd"), join(state, "buildkitd.toml")];
    if ((await exists(binary)) && (await exists(config))) return { binary, config };
  }
  return undefined;
}

const create = (name: string, ...args: string[]) =>
  execa("docker", ["buildx", "create", "--name", name, ...args]);
const forget = (name: string) => execa("docker", ["buildx", "rm", "--force", name], { reject: false });

interface Node {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * A buildkitd of its own, with an empty cache.
 * @param core of this machine, the only one that it and what it starts may use
 */
async function startBuildkitd(core?: number): Promise<Node> {
  const found = await findBuildkitd();
  if (!found) throw new Error("there is no buildkitd of test/env/engine to start a second one from");
  const folder = await mkdtemp(join(tmpdir(), "mkimage-builder-"));
  const socket = join(folder, "buildkitd.sock");
  const config = join(folder, "buildkitd.toml");
  // It forgets what it has built after 50 targets otherwise.
  await writeFile(config, `${await readFile(found.config, "utf8")}\n[history]\nmaxEntries = 1000\n`);
  const args = ["--config", config, "--root", join(folder, "root"), "--addr", `unix://${socket}`];
  const bound = core === undefined ? [] : ["taskset", "--cpu-list", String(core)];
  const [program = "", ...words] = [...bound, found.binary, ...args];
  const daemon = execa(program, words, {
    reject: false,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const stop = async () => {
    daemon.kill("SIGTERM");
    await daemon;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await eventually(async () => ((await exists(socket)) ? true : undefined), 30);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint: `unix://${socket}`, stop };
}

const newName = () => `mkimage-test-${randomBytes(4).toString("hex")}`;

/** Makes a builder of nodes; removing it ends them as well. */
async function builderOf(
  nodes: readonly Node[],
  make: (name: string) => Promise<void>,
): Promise<FreshBuilder> {
  const name = newName();
  const remove = async () => {
    await forget(name);
    for (const node of nodes) await node.stop();
  };
  try {
    await make(name);
  } catch (error) {
    await remove();
    throw error;
  }
  return { env: { BUILDX_BUILDER: name }, remove };
}

/** A new builder with an empty cache: of the kind that the current one is, where that can be had in several copies. */
export async function freshBuilder(): Promise<FreshBuilder> {
  if ((await builderDriver()) === "remote") return boundBuilder(undefined);
  return builderOf([], async (name) => {
    await create(name, "--driver", "docker-container", "--bootstrap");
  });
}

/** A new builder of one node that has only this core of the machine. The current one has to be of the driver `remote`. */
export async function boundBuilder(core: number | undefined): Promise<FreshBuilder> {
  const node = await startBuildkitd(core);
  return builderOf([node], async (name) => {
    await create(name, "--driver", "remote", node.endpoint);
  });
}

/** What `--node` calls a node of `twoNodeBuilder`. */
export const nodeName = (builder: FreshBuilder, arch: Arch): string =>
  `${builder.env["BUILDX_BUILDER"]}-${arch}`;

interface TwoNodes {
  /** Endpoint of a buildkitd that runs, for amd64. */
  readonly amd64?: string;
  /** A core of this machine for each node: that of arm64, that of amd64. */
  readonly cores?: readonly [number, number];
}

/** A new builder of two nodes, one for each architecture, with empty caches but for one that is given. */
export async function twoNodeBuilder({ amd64, cores }: TwoNodes = {}): Promise<FreshBuilder> {
  const isRemote = (await builderDriver()) === "remote";
  const own: Node[] = [];
  if (isRemote) own.push(await startBuildkitd(cores?.[0]));
  if (isRemote && !amd64) own.push(await startBuildkitd(cores?.[1]));
  const endpoints = { arm64: own[0]?.endpoint, amd64: amd64 ?? own[1]?.endpoint };
  return builderOf(own, async (name) => {
    for (const [index, arch] of names(ARCHES).entries()) {
      const platform = ["--platform", ARCHES[arch].platform, "--node", `${name}-${arch}`];
      const driver = isRemote
        ? ["--driver", "remote", endpoints[arch] as string]
        : // For registries of this machine.
          ["--driver", "docker-container", "--driver-opt", "network=host", "--bootstrap"];
      await create(name, ...(index > 0 ? ["--append"] : []), ...platform, ...driver);
    }
  });
}
