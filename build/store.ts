import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { LAMBDA_EXPORT, toBakeFile } from "./bake.ts";
import { builderDriver, runBake } from "./buildx.ts";
import { type BuildOptions, type Built, withDigests, withoutDigest } from "./built.ts";
import { connectDocker, hasLayerStore, removeReference, tagImage } from "./clients/docker.ts";
import { buildAndLoad } from "./load.ts";
import type { Image } from "./plan.ts";
import { TOOL_ROOT } from "./project.ts";

/** The builder hands each image to the engine whole: the way that every builder and every engine knows. */
async function buildWhole(
  images: readonly Image[],
  tag: (image: Image) => string,
  options: BuildOptions,
): Promise<Built[]> {
  const { secrets, noCache } = options;
  const output = () => `type=docker,${LAMBDA_EXPORT}`;
  const file = toBakeFile(images, { root: TOOL_ROOT, output, tag, secrets, noCache });
  return withDigests(images, await runBake(file, { ...options, noCache: false })).map(withoutDigest);
}

/** A builder inside the engine moves no layer at all, and an engine that stores images in containerd refuses parts. */
async function takesParts(docker: Docker): Promise<boolean> {
  const [driver, layers] = await Promise.all([builderDriver(), hasLayerStore(docker)]);
  return layers && driver !== undefined && driver !== "docker";
}

/**
 * Builds images into the engine's image store. They arrive under names of this run; when all are there, their
 * references are moved at once, so a failure or Ctrl-C leaves the references as they were.
 */
export async function buildToStore(images: readonly Image[], options: BuildOptions): Promise<Built[]> {
  const docker = await connectDocker();
  const run = `run-${randomBytes(4).toString("hex")}`;
  const staged = (image: Image) => `${image.repository}:${run}-${image.name}`;
  try {
    const built = (await takesParts(docker))
      ? await buildAndLoad(docker, images, { ...options, tag: staged })
      : await buildWhole(images, staged, options);
    options.signal.throwIfAborted();
    for (const image of built) await tagImage(docker, staged(image), image.reference);
    return built;
  } finally {
    for (const image of images) await removeReference(docker, staged(image));
  }
}
