import { randomBytes } from "node:crypto";
import { LAMBDA_EXPORT, toBakeFile } from "./bake.ts";
import { type BakeRun, runBake } from "./buildx.ts";
import { connectDocker, removeReference, tagImage } from "./clients/docker.ts";
import { UserError } from "./errors.ts";
import type { Image } from "./plan.ts";
import { TOOL_ROOT } from "./project.ts";

/** An image that the builder has made. */
export interface Built extends Image {
  /** Digest of its manifest: what a registry calls the image. */
  readonly digest: string;
  /** Digest of its config: equal for images with equal content and settings. */
  readonly configDigest: string;
}

export interface BuildOptions extends BakeRun {
  readonly secrets: readonly string[];
}

/** The built images with the digests of the metadata file added. */
export function withDigests(images: readonly Image[], metadata: Awaited<ReturnType<typeof runBake>>): Built[] {
  return images.map((image) => {
    const facts = metadata[image.target];
    const digest = facts?.["containerimage.digest"];
    const configDigest = facts?.["containerimage.config.digest"];
    if (!digest || !configDigest) {
      throw new UserError(`docker buildx gave no digest for ${image.reference}`, {
        hint: "Use buildx 0.19 or newer and a builder with BuildKit 0.13 or newer: see `docker buildx ls`.",
        reason: "environment",
      });
    }
    return { ...image, digest, configDigest };
  });
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
    const file = toBakeFile(images, {
      root: TOOL_ROOT,
      output: () => `type=docker,${LAMBDA_EXPORT}`,
      tag: staged,
      secrets: options.secrets,
    });
    const built = withDigests(images, await runBake(file, options));
    options.signal.throwIfAborted();
    for (const image of built) await tagImage(docker, staged(image), image.reference);
    return built;
  } finally {
    for (const image of images) await removeReference(docker, staged(image));
  }
}
