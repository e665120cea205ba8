import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { z } from "zod";
import { blobName } from "../../builder/oci.ts";
import { imageStore } from "../../clients/docker.ts";
import { UserError } from "../../errors.ts";
import { type Contents, documentOf, EXPORT_AGAIN, layerOf, readArchive } from "./archive.ts";
import { type FileSystem, flatten } from "./file-system.ts";
import type { LayerEntry } from "./layer.ts";

/** How an image is packed: what a registry is given, and Lambda reads. */
export interface Packing {
  /** Media type of the manifest, or of the index that stands in its place. */
  readonly mediaType: string;
  /** Platforms of an index; none for a single manifest. */
  readonly platforms: readonly string[];
  readonly attestations: number;
  readonly config?: string | undefined;
  readonly layers: readonly string[];
}

/** The settings of an image, as its config has them. */
export interface Settings {
  readonly architecture: string;
  readonly os: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly workdir: string;
  readonly user: string;
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly history: readonly string[];
}

/** Everything of an image that the rules are about. */
export interface ImageFacts {
  /** Undefined where nobody knows it yet: an engine with a classic store packs an image when it sends it. */
  readonly packing: Packing | undefined;
  readonly settings: Settings;
  readonly layers: readonly (readonly LayerEntry[])[];
  readonly files: FileSystem;
  /** Bytes of all layers, unpacked. */
  readonly unpacked: number;
}

const strings = z.array(z.string()).nullish();

/** https://github.com/opencontainers/image-spec/blob/main/config.md */
const configSchema = z.object({
  architecture: z.string(),
  os: z.string(),
  config: z
    .object({
      Entrypoint: strings,
      Cmd: strings,
      WorkingDir: z.string().nullish(),
      User: z.string().nullish(),
      Env: strings,
      Labels: z.record(z.string(), z.string()).nullish(),
    })
    .nullish(),
  history: z.array(z.object({ created_by: z.string().nullish() })).nullish(),
});

const savedSchema = z.array(z.object({ Config: z.string(), Layers: z.array(z.string()) })).min(1);

const platform = z.object({ architecture: z.string(), os: z.string() });
const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string(),
  platform: platform.nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
});
const indexSchema = z.object({ manifests: z.array(descriptor).min(1) });
const manifestSchema = z.object({
  config: descriptor.partial({ mediaType: true }),
  layers: z.array(descriptor),
});

type Descriptor = z.output<typeof descriptor>;

/** https://docs.docker.com/build/metadata/attestations/attestation-storage/ */
const isAttestation = ({ annotations, platform: of }: Descriptor): boolean =>
  annotations?.["vnd.docker.reference.type"] === "attestation-manifest" || of?.architecture === "unknown";

const INDEX = /image\.index|manifest\.list/;

function settingsOf(document: z.output<typeof configSchema>): Settings {
  const { architecture, os, config, history } = document;
  return {
    architecture,
    os,
    entrypoint: config?.Entrypoint ?? [],
    command: config?.Cmd ?? [],
    workdir: config?.WorkingDir ?? "",
    user: config?.User ?? "",
    env: config?.Env ?? [],
    labels: config?.Labels ?? {},
    history: (history ?? []).flatMap(({ created_by }) => created_by ?? []),
  };
}

interface Parts {
  readonly config: string;
  readonly layers: readonly string[];
  readonly packing?: Packing;
}

/** What the layout's index leads to: an image, maybe through an index of several, of which the wanted one is read. */
function partsOfLayout(contents: Contents, architecture: string | undefined): Parts {
  const { manifests } = documentOf(contents, "index.json", indexSchema);
  const outer = manifests.length === 1 ? manifests[0] : undefined;
  const isIndex = !outer || INDEX.test(outer.mediaType);
  const all =
    outer && isIndex ? documentOf(contents, blobName(outer.digest), indexSchema).manifests : manifests;
  const images = all.filter((each) => !isAttestation(each));
  const chosen = images.find((each) => each.platform?.architecture === architecture) ?? images[0];
  if (!chosen)
    throw new UserError("The image archive has attestations only, and no image", { hint: EXPORT_AGAIN });
  const manifest = documentOf(contents, blobName(chosen.digest), manifestSchema);
  return {
    config: blobName(manifest.config.digest),
    layers: manifest.layers.map(({ digest }) => blobName(digest)),
    packing: {
      mediaType: outer?.mediaType ?? "application/vnd.oci.image.index.v1+json",
      ...(isIndex ? listed(images, all) : { platforms: [], attestations: 0 }),
      config: manifest.config.mediaType,
      layers: manifest.layers.map(({ mediaType }) => mediaType),
    },
  };
}

function partsOfSaved(contents: Contents): Parts {
  const [saved] = documentOf(contents, "manifest.json", savedSchema);
  return { config: saved?.Config ?? "", layers: saved?.Layers ?? [] };
}

/** How an image is packed, by its manifest or index as a registry has it; undefined for what is neither. */
export function packingOf(raw: string): Packing | undefined {
  const parsed = z
    .union([manifestSchema.extend({ mediaType: z.string() }), indexSchema.extend({ mediaType: z.string() })])
    .safeParse(JSON.parse(raw));
  if (!parsed.success) return undefined;
  const { data } = parsed;
  if ("layers" in data) {
    const layers = data.layers.map(({ mediaType }) => mediaType);
    return {
      mediaType: data.mediaType,
      config: data.config.mediaType,
      layers,
      platforms: [],
      attestations: 0,
    };
  }
  const images = data.manifests.filter((each) => !isAttestation(each));
  return { mediaType: data.mediaType, ...listed(images, data.manifests), layers: [] };
}

/** The platforms of an index, and how many attestations are beside them. */
const listed = (images: readonly Descriptor[], all: readonly Descriptor[]) => ({
  platforms: images.map((each) => `${each.platform?.os}/${each.platform?.architecture}`),
  attestations: all.length - images.length,
});

/**
 * The facts of the image in an archive or a layout.
 * @param architecture the one that is wanted of an index of several
 * @throws UserError (exit 2) for an archive that is not one of an image
 */
export function factsOf(contents: Contents, architecture?: string): ImageFacts {
  const isLayout = contents.has("index.json");
  const { config, layers, packing } = isLayout
    ? partsOfLayout(contents, architecture)
    : partsOfSaved(contents);
  const read = layers.map((name) => layerOf(contents, name));
  return {
    packing,
    settings: settingsOf(documentOf(contents, config, configSchema)),
    layers: read,
    files: flatten(read),
    unpacked: read.flat().reduce((sum, { type, size }) => sum + (type === "file" ? size : 0), 0),
  };
}

/**
 * The facts of an image in the engine's store, whose archive is read once. Nothing of it is run.
 * @throws when the engine has no such image
 */
export async function storedFacts(docker: Docker, id: string): Promise<ImageFacts> {
  const isClassic = (await imageStore(docker)) === "classic";
  const archive = (await docker.getImage(id).get()) as Readable;
  try {
    const facts = factsOf(await readArchive(archive));
    // A classic store makes the packing up: layers are unpacked in it.
    return isClassic ? { ...facts, packing: undefined } : facts;
  } finally {
    archive.destroy();
  }
}
