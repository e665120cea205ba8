import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { extract } from "tar-stream";
import { readLayout } from "../builder/oci.ts";
import type { Arch } from "../catalog.ts";
import { findImage, loadArchive, removeReference } from "../clients/docker.ts";
import { isReference } from "../clients/reference.ts";
import { loadImages } from "../engine/archive.ts";
import { UserError } from "../errors.ts";
import { withSink } from "../files/sink.ts";
import { withLeftover, withScratch } from "../leftovers/run-record.ts";
import { ask } from "../processes/tools.ts";
import { pullImage } from "./pull.ts";
import { readArchive, readLayoutFolder } from "./rules/archive.ts";
import { factsOf, type ImageFacts, packingOf, storedFacts } from "./rules/image-facts.ts";

/** Any image of a Lambda function, read and not yet in the engine's store for certain. */
export interface AnyImage {
  /** As it was named. */
  readonly reference: string;
  readonly facts: ImageFacts;
  /** Puts it into the engine's store where it is not there, hands its id to `use`, and takes it away again. */
  run<T>(use: (id: string) => Promise<T>): Promise<T>;
}

export interface FindOptions {
  readonly docker: Docker;
  readonly signal: AbortSignal;
  /** Of an image for several architectures, the one that is wanted; default: the engine's own. */
  readonly arch?: Arch | undefined;
}

/** What an OCI layout consists of: https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
const LAYOUT_FILE = /^(?:oci-layout|index\.json|blobs\/sha256\/[0-9a-f]{64})$/;

/** Unpacks the tar of an OCI layout; other names than a layout's are passed over. */
async function unpackLayout(file: string, folder: string): Promise<void> {
  for await (const entry of createReadStream(file).pipe(extract())) {
    const name = posix.normalize(entry.header.name);
    if (entry.header.type !== "file" || !LAYOUT_FILE.test(name)) {
      entry.resume();
      continue;
    }
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await withSink(join(folder, name), "w", (sink) => pipeline(entry, sink));
  }
}

/** Loads a layout under a name of this run, which is removed after its use. */
async function withLoaded<T>(
  { docker, signal }: FindOptions,
  load: (tag: string) => Promise<void>,
  use: (id: string) => Promise<T>,
): Promise<T> {
  const tag = `mkimage/any:run-${randomBytes(4).toString("hex")}`;
  return withLeftover({ kind: "image", reference: tag }, async () => {
    try {
      signal.throwIfAborted();
      await load(tag);
      const found = await findImage(docker, tag);
      if (!found) throw new UserError(`The engine has not loaded ${tag}`, { reason: "environment" });
      return await use(found.id);
    } finally {
      await removeReference(docker, tag);
    }
  });
}

async function loadLayout(layout: string, tag: string, { docker, signal }: FindOptions): Promise<void> {
  const oci = await readLayout(layout);
  await loadImages(docker, [{ layout, oci, missing: oci.layers, tag }], signal);
}

async function ofFolder(reference: string, options: FindOptions): Promise<AnyImage> {
  return {
    reference,
    facts: factsOf(await readLayoutFolder(reference), options.arch),
    run: (use) => withLoaded(options, (tag) => loadLayout(reference, tag, options), use),
  };
}

async function ofTar(reference: string, options: FindOptions): Promise<AnyImage> {
  const contents = await readArchive(createReadStream(reference));
  const facts = factsOf(contents, options.arch);
  // What an engine writes says nothing of how it will pack the image.
  const isSaved = contents.has("manifest.json");
  const load = async (tag: string) => {
    if (!isSaved) {
      return withScratch("mkimage-any-", async (folder) => {
        await unpackLayout(reference, folder);
        await loadLayout(folder, tag, options);
      });
    }
    const { docker, signal } = options;
    const [repo = "", name = ""] = tag.split(":");
    const id = await loadArchive(docker, createReadStream(reference), signal);
    await docker.getImage(id).tag({ repo, tag: name });
  };
  return {
    reference,
    facts: isSaved ? { ...facts, packing: undefined } : facts,
    run: (use) => withLoaded(options, load, use),
  };
}

/** How a registry has the image that a store's one was pulled from; undefined for one that no registry is known to have. */
async function registryPacking(docker: Docker, id: string): Promise<ImageFacts["packing"]> {
  const { RepoDigests } = await docker.getImage(id).inspect();
  const [remote] = RepoDigests ?? [];
  const raw = remote && (await ask("docker", "buildx", "imagetools", "inspect", "--raw", remote));
  return raw ? packingOf(raw) : undefined;
}

async function ofStore(reference: string, options: FindOptions): Promise<AnyImage> {
  const { docker } = options;
  if (!(await findImage(docker, reference))) await pullImage(reference, options);
  const found = await findImage(docker, reference);
  if (!found) throw new UserError(`The engine has no image ${reference}`, { reason: "check" });
  const [facts, packing] = await Promise.all([
    storedFacts(docker, found.id),
    registryPacking(docker, found.id),
  ]);
  return {
    reference,
    facts: { ...facts, packing: packing ?? facts.packing },
    run: (use) => use(found.id),
  };
}

/**
 * Finds an image by what `--image` names: a folder with an OCI layout, a tar of one or of `docker save`, an image of the
 * engine's store, or one of a registry, which is pulled. Nothing of it is run.
 * @throws UserError (exit 1) when there is no such image, (exit 2) for a file that is none, and for what cannot be a reference
 */
export async function findAnyImage(reference: string, options: FindOptions): Promise<AnyImage> {
  const found = await stat(reference).catch(() => undefined);
  if (found?.isDirectory()) return ofFolder(reference, options);
  if (found?.isFile()) return ofTar(reference, options);
  if (!isReference(reference))
    throw new UserError(`--image ${reference} is neither a file or folder nor the reference of an image`, {
      hint: "Give a reference such as REGISTRY/NAME:TAG, or the path of an OCI layout or of an archive.",
    });
  return ofStore(reference, options);
}
