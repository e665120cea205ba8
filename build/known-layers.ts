import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { cacheRoot } from "./cache.ts";
import { listStored } from "./clients/docker.ts";
import type { OciImage } from "./oci.ts";
import type { Image } from "./plan.ts";

/** What an engine has already of the images that an image follows. */
export interface KnownLayers {
  /** An engine knows a layer only together with those below it. */
  readonly chains: ReadonlySet<string>;
  /** Digests of the same layers as they are packed. */
  readonly packed: ReadonlySet<string>;
}

export const NO_LAYERS: KnownLayers = { chains: new Set(), packed: new Set() };

/** A layer with those below it. */
export const chainOf = (diffIds: readonly string[], index: number): string =>
  diffIds.slice(0, index + 1).join(" ");

/** Labels of images that can have layers in common. */
const DECIDING = ["mkimage.os", "mkimage.arch", "org.opencontainers.image.base.digest"];

/** The engine knows layers unpacked, the builder packed: what belongs together is kept per image, by its config's digest. */
const recordPath = (configDigest: string) => join(cacheRoot(), "layers", configDigest.replace(":", "-"));

export async function recordLayers({ config, layers }: OciImage): Promise<void> {
  await mkdir(join(cacheRoot(), "layers"), { recursive: true });
  await writeFile(recordPath(config.digest), layers.map(({ digest }) => `${digest}\n`).join(""));
}

/** The layers of the images in the store that were made for the same system and architecture, and are recorded. */
export async function findKnownLayers(
  docker: Docker,
  { labels }: Pick<Image, "labels">,
): Promise<KnownLayers> {
  const same = Object.entries(labels).filter(([name]) => DECIDING.includes(name));
  const stored = await listStored(docker, Object.fromEntries(same));
  const recorded = await Promise.all(
    stored.map(async ({ id, diffIds }) => {
      const packed = (await readFile(recordPath(id), "utf8").catch(() => "")).split("\n").filter(Boolean);
      return packed.length === diffIds.length ? { packed, diffIds } : { packed: [], diffIds: [] };
    }),
  );
  return {
    chains: new Set(recorded.flatMap(({ diffIds }) => diffIds.map((_, index) => chainOf(diffIds, index)))),
    packed: new Set(recorded.flatMap(({ packed }) => packed)),
  };
}
