import type Docker from "dockerode";
import { partNames } from "./bake/bake.ts";
import type { Descriptor } from "./builder/oci.ts";
import type { Os } from "./catalog.ts";
import type { StoredImage } from "./clients/docker.ts";
import { type ImageRecord, imageRecords } from "./engine/image-records.ts";
import { outdated, storedImage } from "./engine/stored-image.ts";
import { storedLayers } from "./engine/stored-layers.ts";
import { UserError } from "./errors.ts";
import type { Image } from "./plan/image.ts";
import { variantNotes } from "./plan/variant.ts";
import type { AbiReport } from "./smoke/abi/abi.ts";
import { inspectionOf } from "./smoke/kept-rules.ts";
import { abiOf } from "./smoke/rules/file-rules.ts";
import { checkRules, type RuleResult } from "./smoke/rules/rules.ts";

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
  /** Whether the engine's store has the image that the sources make now, by its labels. */
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
  /** What becomes of each rule for images. */
  readonly rules: readonly RuleResult[];
  readonly labels: Readonly<Record<string, string>>;
}

/** The layers of an image by the parts that they carry. */
function nameLayers(image: Image, layers: readonly Descriptor[]): Layer[] {
  const parts = partNames(image);
  const below = layers.length - parts.length;
  return layers.map(({ digest, size }, index) => ({ part: parts[index - below] ?? "base", digest, size }));
}

async function inspectOne(docker: Docker, image: Image): Promise<Inspected> {
  const stored = await storedImage(docker, image);
  const { digest, configDigest, layers, reports } = await recordOf(docker, image, stored);
  const inspection = await inspectionOf(docker, image, stored.id);
  return {
    reference: image.reference,
    os: image.os,
    platform: image.platform,
    digest,
    configDigest,
    current: outdated(image, stored.labels) === undefined,
    layers: nameLayers(image, layers),
    size: layers.reduce((sum, { size }) => sum + size, 0),
    base: {
      reference: image.bases.os.reference,
      digest: stored.labels["org.opencontainers.image.base.digest"],
    },
    standIn: stored.labels["mkimage.stand-in"],
    node: [...inspection.files.values()].find(({ node }) => node)?.node,
    models: image.models.map((variant) => {
      const report = reports[variant.name];
      return {
        name: variant.name,
        figures: report?.figures ?? {},
        samples: report?.samples ?? 0,
        notes: variantNotes({ ...variant, report }),
      };
    }),
    quantization: image.quantization,
    abi: abiOf(inspection),
    rules: await checkRules(inspection),
    labels: stored.labels,
  };
}

/**
 * What the builder told of an image.
 * @throws UserError (exit 1) when that is not known on this machine, with the command that builds the image
 */
async function recordOf(docker: Docker, image: Image, { id }: StoredImage): Promise<ImageRecord> {
  const record = await imageRecords.read(id);
  if (!record) {
    throw new UserError(
      `${image.reference} was not built with this machine's cache: how it is packed is not known`,
      {
        reason: "check",
        hint: `Run: ${image.command}`,
      },
    );
  }
  return record.layers.length > 0 ? record : { ...record, layers: await storedLayers(docker, id) };
}

/**
 * What is in images of the engine's store: digests and packed sizes as the builder told them, and the static check of their
 * files. Nothing is built, and nothing of an image is run, so every architecture can be inspected.
 * @throws UserError (exit 1) when an image has not been built.
 */
export async function inspectImages(docker: Docker, images: readonly Image[]): Promise<Inspected[]> {
  for (const image of images) await storedImage(docker, image);
  const inspected: Inspected[] = [];
  for (const image of images) inspected.push(await inspectOne(docker, image));
  return inspected;
}
