import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type Docker from "dockerode";
import { type Pack, pack } from "tar-stream";
import { LoadError, loadArchive } from "./clients/docker.ts";
import { layoutBlob, type OciImage } from "./oci.ts";

/** An OCI image layout and what an engine is to be given of it. */
export interface Parcel {
  readonly layout: string;
  readonly oci: OciImage;
  /** Digests of the layers that the engine lacks. */
  readonly missing: readonly string[];
  /** Those that the builder itself has packed: unpacked here, which takes half the time that it takes an engine. */
  readonly unpack: readonly string[];
  /** Name of the image in the engine. */
  readonly tag: string;
}

/** How many archives the engine is given at once. */
export const LOADS = 2;
/** Images go together up to this many bytes: each archive costs the engine time, and Ctrl-C waits for one at most. */
const ARCHIVE_BYTES = 64_000_000;

/** Bytes of the layers that an engine is to be given. */
const parcelSize = ({ oci, missing }: Parcel): number =>
  oci.layers.reduce((sum, { digest, size }) => sum + (missing.includes(digest) ? size : 0), 0);

/** Which images go into one archive. */
export function toArchives(parcels: readonly Parcel[]): Parcel[][] {
  const total = parcels.reduce((sum, parcel) => sum + parcelSize(parcel), 0);
  const limit = Math.min(ARCHIVE_BYTES, total / LOADS);
  const archives: Parcel[][] = [];
  let filled = Number.POSITIVE_INFINITY;
  for (const parcel of parcels) {
    if (filled > limit) {
      archives.push([]);
      filled = 0;
    }
    archives.at(-1)?.push(parcel);
    filled += parcelSize(parcel);
  }
  return archives;
}

/** Path of a content in the archive. */
const nameOf = (digest: string): string => digest.replace(":", "/");

interface Content {
  readonly path: string;
  readonly unpack: boolean;
}

/** Bytes of what is packed in a gzip file, as its end says (RFC 1952): right for one member of less than 4 GB. */
async function unpackedSize(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, size - 4);
    return buffer.readUInt32LE(0);
  } finally {
    await file.close();
  }
}

/** @throws LoadError when the file is not as it should be. */
async function writeContent(archive: Pack, name: string, { path, unpack }: Content): Promise<void> {
  const size = unpack ? await unpackedSize(path) : (await stat(path)).size;
  const entry = archive.entry({ name, size });
  const content = createReadStream(path);
  try {
    await (unpack ? pipeline(content, createGunzip(), entry) : pipeline(content, entry));
  } catch (cause) {
    throw new LoadError(`${basename(path)}: ${(cause as Error).message}`);
  }
}

/** Writes what `docker load` reads: a list of images, their configs, and those layers that the engine lacks, each once. */
async function write(archive: Pack, parcels: readonly Parcel[]): Promise<void> {
  const list = parcels.map(({ oci, tag }) => ({
    Config: nameOf(oci.config.digest),
    RepoTags: [tag],
    Layers: oci.layers.map(({ digest }) => nameOf(digest)),
  }));
  archive.entry({ name: "manifest.json" }, JSON.stringify(list));
  const contents = parcels.flatMap(({ layout, oci, missing, unpack }) =>
    [oci.config.digest, ...missing].map((digest): [string, Content] => [
      nameOf(digest),
      { path: layoutBlob(layout, digest), unpack: unpack.includes(digest) },
    ]),
  );
  for (const [name, content] of new Map(contents)) await writeContent(archive, name, content);
  archive.finalize();
}

/**
 * Gives the engine images. When it has received everything it finishes whatever becomes of the request, so from then on
 * an abort waits for it: its caller can clean up behind it.
 */
export async function loadParcels(
  docker: Docker,
  parcels: readonly Parcel[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const archive = pack();
  const stop = new AbortController();
  const cancel = () => stop.abort(signal.reason);
  signal.addEventListener("abort", cancel, { once: true });
  const writing = write(archive, parcels).catch((error: unknown) => stop.abort(error));
  try {
    const sent = Readable.from(archive as AsyncIterable<Buffer>);
    sent.once("end", () => signal.removeEventListener("abort", cancel));
    await loadArchive(docker, sent, stop.signal);
    await writing;
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener("abort", cancel);
    archive.destroy();
  }
}
