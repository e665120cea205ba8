import { ARCHES, type Arch } from "../catalog.ts";
import { environmentFault } from "../clients/engine-errors.ts";
import { screen } from "../display/screen.ts";
import { UserError } from "../errors.ts";
import { noteProcess } from "../leftovers/run-record.ts";
import { start } from "../processes/programs.ts";

interface PullOptions {
  readonly signal: AbortSignal;
  /** Of an image for several architectures, the one that is wanted; default: the engine's own. */
  readonly arch?: Arch | undefined;
}

/** Host of a reference, where its first part is one: https://docs.docker.com/reference/cli/docker/image/tag/ */
function registryOf(reference: string): string {
  const [first = "", ...rest] = reference.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : "docker.io";
}

const ECR = /^\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/** The command that gives the engine access to a registry. */
function loginTo(registry: string): string {
  const [, region] = ECR.exec(registry) ?? [];
  if (!region) return `docker login ${registry}`;
  return `aws ecr get-login-password --region ${region} | docker login --username AWS --password-stdin ${registry}`;
}

const NOT_THERE = /manifest unknown|name unknown|not found/i;
const NO_ACCESS = /unauthorized|denied|no basic auth credentials|authorization (?:token|failed)|\b40[13]\b/i;
const NO_PLATFORM = /no matching manifest for|does not match the specified platform/i;

/** Why an image could not be pulled, told from what Docker says on stderr. Pure. */
export function pullFault(reference: string, stderr: string, arch?: Arch): UserError {
  const said = stderr.trim().split("\n").at(-1) ?? "";
  const registry = registryOf(reference);
  const fault = (message: string, hint: string, reason: "check" | "environment" = "check") =>
    new UserError(`--image ${reference} ${message}: ${said}`, { reason, hint });
  if (NO_PLATFORM.test(said))
    return fault(
      `is not there for ${arch ?? "this machine's architecture"}`,
      "Choose another one with --arch.",
    );
  // Of a repository that is not there, registries also say that access is denied.
  if (NO_ACCESS.test(said))
    return fault(
      `is refused by ${registry}`,
      `Check the name, and log in: ${loginTo(registry)}`,
      "environment",
    );
  if (NOT_THERE.test(said))
    return fault(
      `is neither in the engine's store nor a file, and ${registry} does not have it`,
      "Check the repository and the tag or digest; `docker images` lists what the engine has.",
    );
  return (
    environmentFault(stderr) ??
    fault(
      "is neither in the engine's store nor a file, and cannot be pulled",
      `Check the name, or log in: ${loginTo(registry)}`,
    )
  );
}

/** What `docker pull` says of a layer: `6e909acdb790: Pull complete`. */
const LAYER = /^([0-9a-f]{12}): (.+)$/;
const COMPLETE = /^(?:Pull complete|Already exists)$/;

/**
 * Pulls an image into the engine's store with the engine's login, and shows how many of its layers are there.
 * @throws UserError (exit 1) when there is no such image, (exit 3) when the registry refuses access or does not answer
 */
export async function pullImage(reference: string, { arch, signal }: PullOptions): Promise<void> {
  const row = screen.row("cells", reference);
  row.counting("pulling");
  const platform = arch ? ["--platform", ARCHES[arch].platform] : [];
  const run = start("docker", ["pull", ...platform, reference], {
    reject: false,
    stdin: "ignore",
    cancelSignal: signal,
  });
  const ended = noteProcess(run.pid);
  try {
    const layers = new Map<string, boolean>();
    for await (const line of run.iterable()) {
      const [, id, state = ""] = LAYER.exec(line) ?? [];
      if (!id) continue;
      layers.set(id, COMPLETE.test(state));
      const complete = [...layers.values()].filter(Boolean).length;
      row.counting(`pulling, ${complete} of ${layers.size} layers`);
    }
    const { exitCode, stderr = "" } = await run;
    signal.throwIfAborted();
    if (exitCode !== 0) throw pullFault(reference, stderr, arch);
    row.done(`pulled, ${layers.size} layers`);
  } catch (error) {
    row.failed();
    signal.throwIfAborted();
    throw error;
  } finally {
    ended();
  }
}
