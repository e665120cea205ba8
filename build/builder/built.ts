import { AT_LEAST } from "../catalog.ts";
import type { BakeMetadata, BakeRun } from "../clients/buildx.ts";
import { UserError } from "../errors.ts";
import type { Image } from "../plan/image.ts";
import type { ImageSize } from "./image-size.ts";

/** An image that the builder has made. */
export interface Built extends Image {
  /** Digest of its config: equal for images with equal content and settings, however their layers are packed. */
  readonly configDigest: string;
  /**
   * Digest of its manifest: what Lambda and a registry call the image. Undefined where the builder packs no layers: inside
   * an engine with a classic store.
   */
  readonly digest?: string;
  /** Known of one whose layers have been read, or that an engine was asked about. */
  readonly size?: ImageSize;
}

/** One whose layers are packed as Lambda takes them. */
export interface Packed extends Built {
  readonly digest: string;
}

export interface BuildOptions extends BakeRun {
  readonly secrets: readonly string[];
}

/**
 * The images that BuildKit's image exporter has made (`type=image`, and `type=docker` of a builder inside the engine) with
 * the digests that it tells. Of what a builder outside loads into containerd's store, buildx drops the config's digest from
 * the metadata (`prefer-image-digest`): there the digests are read from the layouts that have arrived.
 * @throws UserError (exit 3) when one is missing.
 */
export function withDigests(images: readonly Image[], metadata: BakeMetadata): Packed[] {
  return images.map((image) => {
    const facts = metadata[image.target];
    const digest = facts?.["containerimage.digest"];
    const configDigest = facts?.["containerimage.config.digest"];
    if (!digest || !configDigest) {
      throw new UserError(`docker buildx gave no digest for ${image.reference}`, {
        hint: `Use buildx ${AT_LEAST.buildx} or newer and a builder with BuildKit ${AT_LEAST.buildkit} or newer: see \`docker buildx ls\`.`,
        reason: "environment",
      });
    }
    return { ...image, digest, configDigest };
  });
}
