import { mkdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import pMap from "p-map";
import type { BuildOptions, Packed } from "../builder/built.ts";
import { exportLayouts } from "../builder/layouts.ts";
import { layoutBlob, readLayout } from "../builder/oci.ts";
import { imageStore, LoadError } from "../clients/docker.ts";
import { screen } from "../display/screen.ts";
import { withScratch } from "../leftovers/run-record.ts";
import { cellName } from "../plan/cell-name.ts";
import type { Image } from "../plan/image.ts";
import { type ArchivedImage, LOADS, loadImages, toArchives } from "./archive.ts";
import { imageRecords, toImageRecord } from "./image-records.ts";
import { findKnownLayers, type KnownLayers, NO_LAYERS } from "./known-layers.ts";

export interface LoadOptions extends BuildOptions {
  /** The name that an image gets in the engine. */
  readonly tag: (image: Image) => string;
}

interface AttemptOptions extends LoadOptions {
  /** The digest that the store names an image by. */
  readonly idOf: (image: Packed) => string;
  /** By target. */
  readonly known: ReadonlyMap<string, KnownLayers>;
}

interface Exported extends Omit<ArchivedImage, "tag"> {
  readonly built: Packed;
}

/**
 * Makes the folder that an image is exported to. The builder sends no content that is there already, so an empty file
 * stands for each layer that the engine has; images without such layers share theirs.
 */
async function prepareLayout(layout: string, shared: string, { packed }: KnownLayers): Promise<void> {
  await rm(layout, { recursive: true, force: true });
  await mkdir(packed.size > 0 ? join(layout, "blobs", "sha256") : layout, { recursive: true });
  if (packed.size === 0) await symlink(shared, join(layout, "blobs"));
  for (const digest of packed) await writeFile(layoutBlob(layout, digest), "");
}

async function readExported(built: Packed, layout: string, known: KnownLayers): Promise<Exported> {
  const oci = await readLayout(layout);
  return { built, layout, oci, missing: oci.layers.filter((_, index) => !known.has(oci, index)) };
}

/** Whether every layer that the engine lacks was really sent: it may have one on top of other layers only. */
async function isComplete({ layout, missing }: Exported): Promise<boolean> {
  const sizes = await Promise.all(
    missing.map(async ({ digest }) => (await stat(layoutBlob(layout, digest))).size),
  );
  return missing.every(({ size }, index) => sizes[index] === size);
}

async function exportImages(
  images: readonly Image[],
  scratch: string,
  { known, ...options }: AttemptOptions,
): Promise<Exported[]> {
  if (images.length === 0) return [];
  const shared = join(scratch, "shared");
  await mkdir(join(shared, "sha256"), { recursive: true });
  const knownOf = ({ target }: Image) => known.get(target) ?? NO_LAYERS;
  for (const image of images) await prepareLayout(join(scratch, image.target), shared, knownOf(image));
  const built = await exportLayouts(images, scratch, options);
  return Promise.all(built.map((image) => readExported(image, join(scratch, image.target), knownOf(image))));
}

/** Builds images and loads them, with those layers that the engine is not known to have. */
async function attempt(docker: Docker, images: readonly Image[], options: AttemptOptions): Promise<Packed[]> {
  const { signal, idOf, tag } = options;
  return withScratch("mkimage-load-", async (scratch) => {
    const exported = await exportImages(images, scratch, options);
    const complete = await Promise.all(exported.map(isComplete));
    const again = images.filter((_, index) => !complete[index]);
    const whole = await exportImages(again, scratch, { ...options, noCache: false, known: new Map() });
    const all = exported.map((each) => whole.find(({ built }) => built.target === each.built.target) ?? each);
    for (const image of images) screen.row("cells", cellName(image, images)).running("loading");
    const archived = all.map((each): ArchivedImage => ({ ...each, tag: tag(each.built) }));
    await pMap(toArchives(archived), (archive) => loadImages(docker, archive, signal), {
      concurrency: LOADS,
    });
    for (const { built, oci } of all) await imageRecords.write(idOf(built), toImageRecord(built, oci));
    return exported.map(({ built }) => built);
  });
}

/**
 * Builds images with a builder outside of the engine, and gives the engine those layers that it lacks: `docker load` takes
 * an archive without the others, and the builder does not send them. Were the engine to refuse, it gets everything.
 * After a change in runtime/, a build of eight cells into a classic store takes 0.33 × the time that it takes with whole
 * archives (test/bench/load.ts).
 */
export async function buildAndLoad(
  docker: Docker,
  images: readonly Image[],
  options: LoadOptions,
): Promise<Packed[]> {
  const store = await imageStore(docker);
  const entries = images.map(
    async (image) => [image.target, await findKnownLayers(docker, image, store)] as const,
  );
  const idOf = (image: Packed) => (store === "classic" ? image.configDigest : image.digest);
  try {
    return await attempt(docker, images, { ...options, idOf, known: new Map(await Promise.all(entries)) });
  } catch (error) {
    if (!(error instanceof LoadError) || options.signal.aborted) throw error;
    return attempt(docker, images, { ...options, idOf, noCache: false, known: new Map() });
  }
}
