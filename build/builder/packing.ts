import { builderDriver } from "../clients/buildx.ts";
import { connectDocker, imageStore } from "../clients/docker.ts";
import { UserError } from "../errors.ts";

/**
 * Sees to it that the current builder can pack images as Lambda takes them. The one inside an engine that stores layers
 * unpacked packs nothing: the engine does so when it sends an image, with digests that nobody knows before.
 * @throws UserError (exit 3)
 */
export async function requirePacking(): Promise<void> {
  if ((await builderDriver()) !== "docker" || (await imageStore(await connectDocker())) === "containerd")
    return;
  throw withoutPacking();
}

/** What is wrong with a builder that cannot pack, and two ways out. */
export const withoutPacking = () =>
  new UserError(
    "The builder inside this Docker engine cannot pack images: the engine stores layers unpacked (classic image store)",
    {
      hint: "Use another builder: docker buildx create --use --driver docker-container. Or turn on Docker's containerd image store: https://docs.docker.com/engine/storage/containerd/",
      reason: "environment",
    },
  );
