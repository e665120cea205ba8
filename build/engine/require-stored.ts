import type Docker from "dockerode";
import { findImage, type StoredImage } from "../clients/docker.ts";
import { UserError } from "../errors.ts";

/**
 * The image that the builder has just made, in the engine's store.
 * @throws UserError (exit 3) when the engine does not have it
 */
export async function requireStored(docker: Docker, reference: string): Promise<StoredImage> {
  const stored = await findImage(docker, reference);
  if (stored) return stored;
  throw new UserError(`The builder made ${reference}, and the engine does not have it`, {
    reason: "environment",
    hint: "The builder and the engine are not the same: see `docker context ls` and `docker buildx ls`.",
  });
}
