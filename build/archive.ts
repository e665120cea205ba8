import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { type Pack, pack } from "tar-stream";
import { loadArchive } from "./clients/docker.ts";
import { layoutBlob, type OciImage } from "./oci.ts";

/** An OCI image layout and what an engine is to be given of it. */
export interface Parcel {
  readonly layout: string;
  readonly oci: OciImage;
  /** Digests of the layers that the engine lacks. */
  readonly missing: readonly string[];
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

/** Writes what `docker load` reads: a list of images, their configs, and those layers that the engine lacks, each once. */
async function write(archive: Pack, parcels: readonly Parcel[]): Promise<void> {
  const list = parcels.map(({ oci, tag }) => ({
    Config: nameOf(oci.config.digest),
    RepoTags: [tag],
    Layers: oci.layers.map(({ digest }) => nameOf(digest)),
  }));
  archive.entry({ name: "manifest.json" }, JSON.stringify(list));
  const contents = parcels.flatMap(({ layout, oci, missing }) =>
    [oci.config.digest, ...missing].map((digest) => [nameOf(digest), layoutBlob(layout, digest)] as const),
  );
  for (const [name, path] of new Map(contents)) {
    const { size } = await stat(path);
    await pipeline(createReadStream(path), archive.entry({ name, size }));
  }
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
