import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExecaError } from "execa";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { noteProcess, withScratch } from "../leftovers/run-record.ts";
import { start } from "../processes/programs.ts";
import { inClone } from "../tool-root.ts";
import { type BakeFile, makeBakeFile, type Part, withArgs } from "./bake-file.ts";
import { nodesIn } from "./builder-nodes.ts";
import { environmentFault } from "./engine-errors.ts";
import { npmEnvironment } from "./npm.ts";
import { proxyVariables } from "./proxy.ts";
import { type BuildStatus, StatusReader } from "./rawjson.ts";

export interface BakeRun {
  readonly signal: AbortSignal;
  /** Is told what the builder does. */
  readonly listen?: ((status: BuildStatus) => void) | undefined;
  /** Folder with the Docker client's settings, in place of the user's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether nothing may come from the cache. */
  readonly noCache?: boolean;
  /** Whether the metadata is to have what each target was made from. */
  readonly provenance?: boolean;
}

const sha256 = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** buildx's metadata file: https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file */
const metadataSchema = z.record(
  z.string(),
  z.object({
    "containerimage.digest": sha256.optional(),
    "containerimage.config.digest": sha256.optional(),
    "buildx.build.provenance": z
      .object({
        materials: z
          .array(z.object({ uri: z.string(), digest: z.record(z.string(), z.string()) }))
          .optional(),
      })
      .optional(),
  }),
);
export type BakeMetadata = z.output<typeof metadataSchema>;

/**
 * No check of paths (the bake file is our own), no git in the folders of contexts, and of the build's facts only those
 * that are asked for.
 */
const ENV = {
  BUILDX_BAKE_ENTITLEMENTS_FS: "0",
  BUILDX_GIT_INFO: "false",
  BUILDX_METADATA_PROVENANCE: "disabled",
  BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
  DOCKER_CLI_HINTS: "false",
};

/** How long a build may take to stop after Ctrl-C before its client is killed, in milliseconds. */
const STOP_DELAY = 15_000;

/** What a step of ours says of its input before it fails: a line that begins so, and those after it. */
const REFUSAL = "mkimage: ";

/** The refusal among a failed step's last lines; undefined when the step failed in another way. */
function refusalOf(lines: readonly string[]): string | undefined {
  const start = lines.findIndex((line) => line.startsWith(REFUSAL));
  return start < 0 ? undefined : lines.slice(start).join("\n").slice(REFUSAL.length);
}

function failed(error: ExecaError, reader: StatusReader): UserError {
  if (error.code === "ENOENT") {
    return new UserError("The docker command is not installed", {
      hint: `Install Docker: https://docs.docker.com/get-docker/${inClone(", or on Debian and Ubuntu: make engine")}`,
      reason: "environment",
      cause: error,
    });
  }
  const step = reader.failure();
  const refusal = refusalOf(step?.lines ?? []);
  if (refusal) return new UserError(refusal, { reason: "check", cause: error });
  const output = [...(step?.lines ?? []), step?.error ?? "", ...reader.messages].join("\n");
  const fault = environmentFault(output, error);
  if (fault) return fault;
  const detail = step
    ? [`Step failed: ${step.name}`, ...step.lines.map((line) => `  ${line}`), step.error].join("\n")
    : reader.messages.slice(-5).join("\n");
  return new UserError(`docker buildx bake failed\n${detail}`, { reason: "check", cause: error });
}

/**
 * Runs `docker buildx bake` on the user's current builder and returns what its metadata file says of each target.
 * @throws UserError: the failing step with its last lines (exit 1) or what the machine lacks (exit 3).
 */
export async function runBake(
  file: BakeFile,
  { signal, listen = () => {}, env, noCache, provenance }: BakeRun,
): Promise<BakeMetadata> {
  return withScratch("mkimage-bake-", async (scratch) => {
    const reader = new StatusReader(listen);
    const metadata = join(scratch, "metadata.json");
    const secrets = Object.values(file.target).flatMap(({ secret = [] }) => secret);
    const args = [
      "buildx",
      "bake",
      "--file",
      "-",
      "--metadata-file",
      metadata,
      ...(noCache ? ["--no-cache"] : []),
    ];
    let ended = () => {};
    try {
      const run = start("docker", [...args, "--progress=rawjson"], {
        input: JSON.stringify(withArgs(file, proxyVariables(process.env))),
        stdout: "ignore",
        stderr: "pipe",
        buffer: false,
        env: {
          ...ENV,
          ...(provenance && { BUILDX_METADATA_PROVENANCE: "min" }),
          ...(await npmEnvironment(secrets, process.env)),
          // It makes a folder for each Dockerfile that it is given inline, and leaves them when it is killed.
          TMPDIR: scratch,
          ...env,
        },
        cancelSignal: signal,
        forceKillAfterDelay: STOP_DELAY,
      });
      ended = noteProcess(run.pid);
      for await (const line of run.iterable({ from: "stderr" })) reader.read(line);
      await run;
      return metadataSchema.parse(JSON.parse(await readFile(metadata, "utf8")));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ExecaError) throw failed(error, reader);
      throw error;
    } finally {
      ended();
    }
  });
}

/**
 * The digests that references have now, asked of the builder (so with its mirrors and credentials); no layer is pulled.
 * A reference that already has a digest is not asked for.
 */
export async function resolveBases(
  references: readonly string[],
  run: BakeRun,
): Promise<Record<string, string>> {
  const open = references.filter((reference) => !reference.includes("@"));
  if (open.length === 0) return {};
  const parts = baseParts(open);
  const file = makeBakeFile(
    parts.map(([name]) => name),
    parts,
  );
  return baseDigests(open, await runBake(file, { ...run, provenance: true }));
}

/** Targets that ask the builder for the digests of references, and pull no layer of them. */
export const baseParts = (references: readonly string[]): Part[] =>
  references.map((reference, index) => [
    `base${index}`,
    { context: tmpdir(), "dockerfile-inline": `FROM ${reference}\n`, output: ["type=cacheonly"] },
  ]);

/** What was answered to `baseParts`, in a run with provenance. */
export const baseDigests = (references: readonly string[], metadata: BakeMetadata): Record<string, string> =>
  Object.fromEntries(
    references.flatMap((reference, index) => {
      const [material] = metadata[`base${index}`]?.["buildx.build.provenance"]?.materials ?? [];
      return material?.digest["sha256"] ? [[reference, `sha256:${material.digest["sha256"]}`]] : [];
    }),
  );

let inspected: Promise<string> | undefined;

/** What `docker buildx inspect` says of the user's current builder, asked once for each process; empty when buildx cannot say. */
async function inspectBuilder(): Promise<string> {
  inspected ??= start("docker", ["buildx", "inspect"], { reject: false, stdin: "ignore" }).then(
    ({ stdout }) => stdout ?? "",
  );
  const shown = await inspected;
  if (!shown) inspected = undefined;
  return shown;
}

/** The kind of the user's current builder, such as `docker` or `docker-container`; undefined when buildx cannot say. */
export const builderDriver = async (): Promise<string | undefined> =>
  /^Driver:\s+(\S+)/m.exec(await inspectBuilder())?.[1];

/** How many nodes the user's current builder has; 0 when buildx cannot say. */
export const builderNodes = async (): Promise<number> => nodesIn(await inspectBuilder()).length;
