import type Docker from "dockerode";
import type { OciImage } from "../builder/oci.ts";
import { type ImageStore, listStored } from "../clients/docker.ts";
import type { Image } from "../plan/image.ts";
import { imageRecords } from "./image-records.ts";

type Layered = Pick<OciImage, "layers" | "diffIds">;

/** What an engine has already of the images that an image follows. */
export interface KnownLayers {
  /** Digests of layers as they are packed: those need not be sent again. */
  readonly packed: ReadonlySet<string>;
  /** Whether the engine has the layer with this index, so that an archive may leave it out. */
  readonly has: (image: Layered, index: number) => boolean;
}

export const NO_LAYERS: KnownLayers = { packed: new Set(), has: () => false };

/** A layer with those below it. */
const chainOf = (diffIds: readonly string[], index: number): string => diffIds.slice(0, index + 1).join(" ");

/** Labels of images that can have layers in common. */
const DECIDING = ["mkimage.os", "mkimage.arch", "org.opencontainers.image.base.digest"];

/** The layers of the images in the store that were made for the same system and architecture, and are recorded. */
export async function findKnownLayers(
  docker: Docker,
  { labels }: Pick<Image, "labels">,
  store: ImageStore,
): Promise<KnownLayers> {
  const same = Object.entries(labels).filter(([name]) => DECIDING.includes(name));
  const stored = await listStored(docker, Object.fromEntries(same));
  const recorded = await Promise.all(
    stored.map(async ({ id, diffIds }) => {
      const packed = ((await imageRecords.read(id))?.layers ?? []).map(({ digest }) => digest);
      return packed.length === diffIds.length ? { packed, diffIds } : { packed: [], diffIds: [] };
    }),
  );
  const packed = new Set(recorded.flatMap((image) => image.packed));
  const chains = new Set(
    recorded.flatMap(({ diffIds }) => diffIds.map((_, index) => chainOf(diffIds, index))),
  );
  return {
    packed,
    // A classic store knows a layer only together with those below it.
    has: ({ layers, diffIds }, index) =>
      store === "classic" ? chains.has(chainOf(diffIds, index)) : packed.has(layers[index]?.digest ?? ""),
  };
}
