import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { type Pack, pack } from "tar-stream";
import { loadArchive } from "./clients/docker.ts";
import { layoutBlob, type OciImage } from "./oci.ts";

/** An OCI image layout and what an engine is to be given of it. */
export interface Partial {
  readonly layout: string;
  readonly oci: OciImage;
  /** Digests of the layers that the engine lacks. */
  readonly missing: readonly string[];
}

/** Path of a content in the archive. */
const nameOf = (digest: string): string => digest.replace(":", "/");

/** Writes what `docker load` reads: the list of images, the config, and those layers that the engine lacks. */
async function write(archive: Pack, { layout, oci, missing }: Partial, tag: string): Promise<void> {
  const layers = oci.layers.map(({ digest }) => nameOf(digest));
  archive.entry(
    { name: "manifest.json" },
    JSON.stringify([{ Config: nameOf(oci.config.digest), RepoTags: [tag], Layers: layers }]),
  );
  for (const digest of new Set([oci.config.digest, ...missing])) {
    const path = layoutBlob(layout, digest);
    const { size } = await stat(path);
    await pipeline(createReadStream(path), archive.entry({ name: nameOf(digest), size }));
  }
  archive.finalize();
}

/**
 * Gives the engine an image under a tag. An engine that has received everything finishes whatever becomes of the
 * request, so from then on an abort waits for it: its caller can clean up behind it.
 */
export async function loadPartial(
  docker: Docker,
  image: Partial,
  tag: string,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const archive = pack();
  const stop = new AbortController();
  const cancel = () => stop.abort(signal.reason);
  signal.addEventListener("abort", cancel, { once: true });
  const writing = write(archive, image, tag).catch((error: unknown) => stop.abort(error));
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
