import type { BakeMetadata, BakeRun } from "./buildx.ts";
import { UserError } from "./errors.ts";
import type { Image } from "./plan.ts";

/** An image that the builder has made. */
export interface Built extends Image {
  /** Digest of its config: equal for images with equal content and settings, however their layers are packed. */
  readonly configDigest: string;
}

/** One whose layers are packed as Lambda takes them. */
export interface Packed extends Built {
  /** Digest of its manifest: what a registry calls the image. */
  readonly digest: string;
}

export interface BuildOptions extends BakeRun {
  readonly secrets: readonly string[];
}

/** What an image is called by an engine: the digest of a manifest that names unpacked layers is nobody's. */
export const withoutDigest = ({ digest: _, ...built }: Packed): Built => built;

/** The built images with the digests of the metadata file added. */
export function withDigests(images: readonly Image[], metadata: BakeMetadata): Packed[] {
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
