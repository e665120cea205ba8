import { join } from "node:path";
import type Docker from "dockerode";
import { partNames } from "./bake/bake.ts";
import type { BuildOptions, Packed } from "./builder/built.ts";
import { exportLayouts } from "./builder/layouts.ts";
import { type Descriptor, readLayout } from "./builder/oci.ts";
import { type Os, osRow } from "./catalog.ts";
import { openFileSystem } from "./clients/container.ts";
import { storedImage } from "./engine/stored-image.ts";
import { withScratch } from "./leftovers/run-record.ts";
import type { Image } from "./plan/image.ts";
import { variantNotes } from "./plan/variant.ts";
import { type AbiReport, checkAbi } from "./smoke/abi/abi.ts";

export interface Layer {
  /** The part it carries, or `base`. */
  readonly part: string;
  readonly digest: string;
  /** Packed bytes, as a registry stores it. */
  readonly size: number;
}

export interface InspectedModel {
  readonly name: string;
  /** How near its answers are to those of its source: `cosine.min`, … */
  readonly figures: Readonly<Record<string, number>>;
  /** How many inputs the figures were taken from. */
  readonly samples: number;
  /** What one would not expect of it. */
  readonly notes: readonly string[];
}

/** Everything about one image that a person may want to know. */
export interface Inspected {
  readonly reference: string;
  readonly os: Os;
  readonly platform: string;
  readonly digest: string;
  readonly configDigest: string;
  /** Whether the engine's store has the image that the sources make now. */
  readonly current: boolean;
  readonly layers: readonly Layer[];
  /** Packed bytes of all layers. */
  readonly size: number;
  readonly base: { readonly reference: string; readonly digest: string | undefined };
  /** What the base says it stands in for; undefined for a real base. */
  readonly standIn: string | undefined;
  readonly node: string | undefined;
  readonly models: readonly InspectedModel[];
  readonly quantization: string;
  readonly abi: AbiReport;
  readonly labels: Readonly<Record<string, string>>;
}

/** The layers of an image by the parts that they carry. */
function nameLayers(image: Image, layers: readonly Descriptor[]): Layer[] {
  const parts = partNames(image);
  const below = layers.length - parts.length;
  return layers.map(({ digest, size }, index) => ({ part: parts[index - below] ?? "base", digest, size }));
}

/** The version that an official Node binary carries in the address of its own sources. */
function nodeVersion(path: string, content: Buffer): string | undefined {
  if (!path.endsWith("/bin/node")) return undefined;
  const at = content.indexOf("/node-v");
  return at < 0 ? undefined : /^\/node-v([\d.]+\d)/.exec(content.toString("latin1", at, at + 40))?.[1];
}

async function inspectOne(docker: Docker, image: Packed, layout: string): Promise<Inspected> {
  const stored = await storedImage(docker, image);
  const { layers, labels } = await readLayout(layout);
  let node: string | undefined;
  const abi = await openFileSystem(docker, image.reference, (tar) =>
    checkAbi(tar, osRow(image.os).abi, (path, content) => {
      node ??= nodeVersion(path, content);
    }),
  );
  return {
    reference: image.reference,
    os: image.os,
    platform: image.platform,
    digest: image.digest,
    configDigest: image.configDigest,
    current: [image.digest, image.configDigest].includes(stored.id),
    layers: nameLayers(image, layers),
    size: layers.reduce((sum, { size }) => sum + size, 0),
    base: { reference: image.bases.os.reference, digest: image.bases.os.digest },
    standIn: labels["mkimage.stand-in"],
    node,
    models: image.models.map((variant) => ({
      name: variant.name,
      figures: variant.report?.figures ?? {},
      samples: variant.report?.samples ?? 0,
      notes: variantNotes(variant),
    })),
    quantization: image.quantization,
    abi,
    labels,
  };
}

/**
 * What is in images: written as OCI layouts from the builder's cache for digests and packed sizes, and read from the
 * engine's store for the static check. Nothing of an image is run, so every architecture can be inspected.
 * @throws UserError (exit 1) when an image has not been built.
 */
export async function inspectImages(
  docker: Docker,
  images: readonly Image[],
  options: BuildOptions,
): Promise<Inspected[]> {
  for (const image of images) await storedImage(docker, image);
  return withScratch("mkimage-inspect-", async (directory) => {
    const built = await exportLayouts(images, directory, options);
    const inspected: Inspected[] = [];
    for (const image of built) inspected.push(await inspectOne(docker, image, join(directory, image.target)));
    return inspected;
  });
}
