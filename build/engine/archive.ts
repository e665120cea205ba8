import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { type Pack, pack } from "tar-stream";
import { blobName, type Descriptor, layoutBlob, type OciImage } from "../builder/oci.ts";
import { loadArchive } from "../clients/docker.ts";
import { canonicalReference } from "../clients/reference.ts";

/** An OCI image layout and what an engine is to be given of it. */
export interface ArchivedImage {
  readonly layout: string;
  readonly oci: OciImage;
  /** The layers that the engine lacks. */
  readonly missing: readonly Descriptor[];
  /** Name of the image in the engine. */
  readonly tag: string;
}

/** How many archives the engine is given at once. */
export const LOADS = 2;
/** Images go together up to this many bytes: each archive costs the engine time, and Ctrl-C waits for one at most. */
const ARCHIVE_BYTES = 64_000_000;

/** Bytes of the layers that an engine is to be given. */
const sizeOf = ({ missing }: ArchivedImage): number => missing.reduce((sum, { size }) => sum + size, 0);

/** Which images go into one archive. */
export function toArchives(images: readonly ArchivedImage[]): ArchivedImage[][] {
  const total = images.reduce((sum, image) => sum + sizeOf(image), 0);
  const limit = Math.min(ARCHIVE_BYTES, total / LOADS);
  const archives: ArchivedImage[][] = [];
  let filled = Number.POSITIVE_INFINITY;
  for (const image of images) {
    if (filled > limit) {
      archives.push([]);
      filled = 0;
    }
    archives.at(-1)?.push(image);
    filled += sizeOf(image);
  }
  return archives;
}

/** The index of an OCI layout of several images, and the list of them that engines without OCI layouts read. */
function indexFiles(images: readonly ArchivedImage[]): Record<string, unknown> {
  return {
    "oci-layout": { imageLayoutVersion: "1.0.0" },
    "index.json": {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: images.map(({ oci: { manifest }, tag }) => ({
        ...manifest,
        annotations: { "io.containerd.image.name": canonicalReference(tag) },
      })),
    },
    "manifest.json": images.map(({ oci, tag }) => ({
      Config: blobName(oci.config.digest),
      RepoTags: [tag],
      Layers: oci.layers.map(({ digest }) => blobName(digest)),
    })),
  };
}

/** Writes what `docker save` writes, without the layers that the engine has; what images share is there once. */
async function write(archive: Pack, images: readonly ArchivedImage[]): Promise<void> {
  for (const [name, content] of Object.entries(indexFiles(images))) {
    archive.entry({ name }, JSON.stringify(content));
  }
  const contents = images.flatMap(({ layout, oci, missing }) =>
    [oci.manifest, oci.config, ...missing].map(({ digest }) => [digest, layoutBlob(layout, digest)] as const),
  );
  for (const [digest, path] of new Map(contents)) {
    const { size } = await stat(path);
    await pipeline(createReadStream(path), archive.entry({ name: blobName(digest), size }));
  }
  archive.finalize();
}

/**
 * Gives the engine images. When it has received everything it finishes whatever becomes of the request, so from then on
 * an abort waits for it: its caller can clean up behind it.
 */
export async function loadImages(
  docker: Docker,
  images: readonly ArchivedImage[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const archive = pack();
  const stop = new AbortController();
  const cancel = () => stop.abort(signal.reason);
  signal.addEventListener("abort", cancel, { once: true });
  const writing = write(archive, images).catch((error: unknown) => stop.abort(error));
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
