import { LAMBDA_EXPORT, toBakeFile } from "../bake/bake.ts";
import type { Image } from "../plan/image.ts";
import { TOOL_ROOT } from "../tool-root.ts";
import { type BuildOptions, type Packed, withDigests } from "./built.ts";
import { runBuild } from "./run-build.ts";

/** Builds into BuildKit's cache alone: the digests are those of every other exporter, and nothing is moved. */
export async function buildToCache(images: readonly Image[], options: BuildOptions): Promise<Packed[]> {
  const output = () => `type=image,push=false,store=false,${LAMBDA_EXPORT}`;
  const file = toBakeFile(images, { root: TOOL_ROOT, output, secrets: options.secrets });
  return withDigests(images, await runBuild(file, images, options));
}
