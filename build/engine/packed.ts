import type { BuildOptions, Packed } from "../builder/built.ts";
import { withoutPacking } from "../builder/packing.ts";
import { buildToCache } from "../builder/to-cache.ts";
import { connectDocker, findImage } from "../clients/docker.ts";
import type { Image } from "../plan/image.ts";
import { buildToStore } from "./store.ts";
import { outdated } from "./stored-image.ts";

/** Whether the engine's store has what each image names; where no engine answers, nothing can be put into it. */
async function hasAll(images: readonly Image[]): Promise<boolean> {
  const docker = await connectDocker().catch(() => undefined);
  if (!docker) return true;
  const stored = await Promise.all(images.map(({ reference }) => findImage(docker, reference)));
  return images.every((image, index) => {
    const found = stored[index];
    return found && outdated(image, found.labels) === undefined;
  });
}

/**
 * Builds images with the digests that a registry knows them by. What the engine's store lacks is put into it in the same
 * run, because it has to be tested there; where it lacks nothing, nothing is moved.
 * @throws UserError (exit 3) where the builder packs no layers
 */
export async function buildPacked(images: readonly Image[], options: BuildOptions): Promise<Packed[]> {
  if (await hasAll(images)) return buildToCache(images, options);
  const built = await buildToStore(images, options);
  return built.map((image) => {
    if (image.digest === undefined) throw withoutPacking();
    return { ...image, digest: image.digest };
  });
}
