import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { readArchive } from "../../../../../build/smoke/rules/archive.ts";
import { factsOf, type ImageFacts } from "../../../../../build/smoke/rules/image-facts.ts";
import { tinyElf } from "../abi/tiny-elf.ts";

/** An entry of a layer: the content of a file with mode 0644, or its header as well. */
export type Entry = string | Buffer | (Partial<Header> & { readonly content?: string | Buffer });
export type Layer = Readonly<Record<string, Entry>>;

/** A program for amd64 that Lambda's user may start. */
export const program = (machine = 62) => ({ mode: 0o755, content: tinyElf({ machine }) });

async function layerTar(layer: Layer): Promise<Buffer> {
  const tar = pack();
  for (const [name, entry] of Object.entries(layer)) {
    const isFile = typeof entry === "string" || Buffer.isBuffer(entry);
    const { content = "", ...header } = isFile ? { content: entry } : entry;
    const mode = header.type === "directory" ? 0o755 : 0o644;
    if (header.type && header.type !== "file") tar.entry({ name, mode, ...header });
    else tar.entry({ name, mode, ...header }, content);
  }
  tar.finalize();
  return buffer(tar);
}

/** The layer of an image that keeps every rule. */
export const GOOD: Layer = { entry: program(), "var/task": { type: "directory" }, "var/task/app.js": "" };
const SETTINGS = {
  Entrypoint: ["/entry"],
  WorkingDir: "/var/task",
  Labels: { "com.amazonaws.lambda.feature.snapstart": "Allow" },
};

export interface Saved {
  readonly layers?: readonly Layer[];
  readonly settings?: object;
  /** Fields of the config beside the settings. */
  readonly config?: object;
}

/** The facts of an image, read from an archive as an engine with a classic store writes it. */
export async function savedFacts({
  layers = [GOOD],
  settings = {},
  config = {},
}: Saved = {}): Promise<ImageFacts> {
  const names = layers.map((_, index) => `${index}/layer.tar`);
  const files: [string, Buffer | string][] = [];
  for (const [index, layer] of layers.entries()) files.push([names[index] ?? "", await layerTar(layer)]);
  const about = { architecture: "amd64", os: "linux", config: { ...SETTINGS, ...settings }, ...config };
  files.push(["config.json", JSON.stringify(about)]);
  files.push(["manifest.json", JSON.stringify([{ Config: "config.json", Layers: names }])]);
  return factsOf(await readArchive(archiveOf(files)));
}

/** In small pieces, as a busy engine sends it: no header comes whole. */
function archiveOf(files: readonly (readonly [string, Buffer | string])[]): Readable {
  const tar = pack();
  for (const [name, content] of files) tar.entry({ name }, content);
  tar.finalize();
  async function* pieces() {
    for await (const chunk of tar as AsyncIterable<Buffer>)
      for (let start = 0; start < chunk.length; start += 100) yield chunk.subarray(start, start + 100);
  }
  return Readable.from(pieces());
}

export const OCI = "application/vnd.oci.image";
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const blob = (letter: string) => `blobs/sha256/${letter.repeat(64)}`;

export interface Layout {
  readonly layerType?: string;
  readonly configType?: string;
  /** What stands in the layout's index; the default is one manifest. */
  readonly index?: readonly object[];
}

export const MANIFEST = { mediaType: `${OCI}.manifest.v1+json`, digest: digest("a"), size: 1 };

/** The facts of an image in an OCI layout; an index of several has its own blob. */
export async function layoutFacts({
  layerType = `${OCI}.layer.v1.tar+gzip`,
  configType = `${OCI}.config.v1+json`,
  index,
}: Layout = {}): Promise<ImageFacts> {
  const manifest = {
    config: { mediaType: configType, digest: digest("b"), size: 1 },
    layers: [{ mediaType: layerType, digest: digest("c"), size: 1 }],
  };
  const outer = { ...MANIFEST, mediaType: `${OCI}.index.v1+json`, digest: digest("d") };
  const config = { architecture: "amd64", os: "linux", config: SETTINGS };
  const files: [string, Buffer | string][] = [
    ["index.json", JSON.stringify({ manifests: [index ? outer : MANIFEST] })],
    [blob("a"), JSON.stringify(manifest)],
    [blob("b"), JSON.stringify(config)],
    [blob("c"), gzipSync(await layerTar(GOOD))],
    [blob("d"), JSON.stringify({ manifests: index ?? [] })],
  ];
  return factsOf(await readArchive(archiveOf(files)));
}
