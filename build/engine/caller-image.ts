import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { toCallerFile } from "../bake/caller.ts";
import { type Arch, PART_BASES } from "../catalog.ts";
import { runBake } from "../clients/buildx.ts";
import { findImage } from "../clients/docker.ts";
import { digestOf } from "../files/digest.ts";
import { say } from "../output.ts";
import { TOOL_ROOT } from "../tool-root.ts";
import { requireStored } from "./require-stored.ts";

const LABEL = "mkimage.caller";

/** The architecture of the engine's machine. */
export async function engineArch(docker: Docker): Promise<Arch> {
  const { Architecture } = (await docker.info()) as { Architecture: string };
  return Architecture === "aarch64" || Architecture === "arm64" ? "arm64" : "amd64";
}

/**
 * The id of the image that calls functions in images without Node, and has the emulators; built when the engine's store
 * lacks it.
 * @throws UserError as `runBake` does
 */
export async function ensureCaller(docker: Docker, signal: AbortSignal): Promise<string> {
  const arch = await engineArch(docker);
  const recipe = await readFile(join(TOOL_ROOT, "images", "caller", "Dockerfile"), "utf8");
  const digest = digestOf({ recipe, bases: PART_BASES, arch });
  const reference = `mkimage/caller:${arch}`;
  const stored = await findImage(docker, reference);
  if (stored?.labels[LABEL] === digest) return stored.id;
  say("building the image that calls functions (once)");
  await runBake(toCallerFile({ root: TOOL_ROOT, arch, reference, label: { [LABEL]: digest } }), { signal });
  return (await requireStored(docker, reference)).id;
}
