import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, posix } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { extract } from "tar-stream";
import type { z } from "zod";
import { blobName } from "../../builder/oci.ts";
import { UserError } from "../../errors.ts";
import { type LayerEntry, readLayer } from "./layer.ts";

/** What an archive holds under a name: a document, or a layer. */
type Content = { readonly json: unknown } | { readonly layer: LayerEntry[] };

/** The contents of an image archive, each read once and in the order in which they come. */
export type Contents = ReadonlyMap<string, Content>;

const MAGIC = { gzip: Buffer.from([0x1f, 0x8b]), zstd: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) };

/** Bytes by which the kind of a content is told: a tar's first header. */
const HEAD = 512;

/** The first bytes of a stream, which may come in pieces of any size, and the whole stream. */
async function peek(stream: AsyncIterable<Buffer>): Promise<[Buffer, Readable]> {
  const pieces = stream[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < HEAD) {
    const { done, value } = await pieces.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  async function* whole() {
    if (head.length > 0) yield head;
    for (;;) {
      const { done, value } = await pieces.next();
      if (done) return;
      yield value;
    }
  }
  return [head, Readable.from(whole())];
}

/** Passes a stream through another one, with its errors. */
function through<T extends NodeJS.ReadWriteStream>(from: Readable, to: T): Readable {
  from.on("error", (error) => to.emit("error", error));
  return from.pipe(to) as unknown as Readable;
}

/** What to do about an archive that cannot be read. */
export const EXPORT_AGAIN = "Export the image again: docker save, or docker buildx build --output type=oci.";

/** Most bytes of a document. Registries take manifests of 4 MB. */
const MOST_JSON = 16e6;

/** A JSON document; undefined for one that is not valid, or too long. */
async function readDocument(stream: Readable): Promise<Content | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size <= MOST_JSON) pieces.push(piece);
  }
  if (size > MOST_JSON) return undefined;
  try {
    return { json: JSON.parse(Buffer.concat(pieces).toString("utf8")) };
  } catch {
    return undefined;
  }
}

/** What tar-stream and zlib say of bytes that are no tar, or cut short. */
const DAMAGED =
  /^(?:Unexpected end of data|Invalid tar header|Writable stream closed prematurely|unexpected end of file)/;

/** @throws UserError (exit 2) in place of an error about the archive's bytes */
async function whenWhole<T>(title: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { code = "", message = "" } = error as NodeJS.ErrnoException;
    if (!/^(?:Z_|ZSTD_|ERR_ZSTD)/.test(code) && !DAMAGED.test(message)) throw error;
    throw new UserError(`${title} is damaged, or no image: ${message}`, { hint: EXPORT_AGAIN, cause: error });
  }
}

async function readContent(stream: AsyncIterable<Buffer>): Promise<Content | undefined> {
  const [head, whole] = await peek(stream);
  const starts = (magic: Buffer) => head.subarray(0, magic.length).equals(magic);
  if (/^\s*[{[]/.test(head.toString("latin1", 0, 20))) return readDocument(whole);
  if (starts(MAGIC.gzip)) return { layer: await readLayer(through(whole, createGunzip())) };
  if (starts(MAGIC.zstd)) return { layer: await readLayer(through(whole, createZstdDecompress())) };
  if (head.toString("latin1", 257, 262) === "ustar" || isEmptyTar(head))
    return { layer: await readLayer(through(whole, new PassThrough())) };
  whole.resume();
  return undefined;
}

/** A layer without entries has nothing but zeros. */
const isEmptyTar = (head: Buffer): boolean =>
  head.length >= 512 && head.subarray(0, 512).every((byte) => byte === 0);

/**
 * Reads an archive of an image once: what `docker save` writes, in its old form or as an OCI layout, or a tar of an OCI
 * layout.
 * @throws UserError (exit 2) for one that is damaged
 */
export const readArchive = (tar: Readable): Promise<Contents> =>
  whenWhole("The image archive", () => readEntries(tar));

async function readEntries(tar: Readable): Promise<Contents> {
  const contents = new Map<string, Content>();
  const aliases: [string, string][] = [];
  const archive = tar.pipe(extract());
  tar.on("error", (error) => archive.destroy(error));
  for await (const entry of archive) {
    const name = posix.normalize(entry.header.name);
    const { type, linkname = "" } = entry.header;
    // Of equal layers, the engine's older archives have one.
    if (type === "symlink" || type === "link")
      aliases.push([name, type === "link" ? linkname : posix.join(posix.dirname(name), linkname)]);
    const content =
      type === "file" ? await readContent(entry as unknown as AsyncIterable<Buffer>) : undefined;
    entry.resume();
    if (content) contents.set(name, content);
  }
  for (const [name, target] of aliases) {
    const content = contents.get(target);
    if (content) contents.set(name, content);
  }
  return contents;
}

/** Reads a folder with an OCI layout. @throws UserError (exit 2) for what is none, or damaged */
export async function readLayoutFolder(folder: string): Promise<Contents> {
  const contents = new Map<string, Content>();
  const blobs = await readdir(join(folder, "blobs", "sha256")).catch(() => []);
  if (!blobs.length) throw new UserError(`${folder} is no OCI layout: it has no blobs/sha256`);
  for (const name of ["index.json", ...blobs.map((digest) => blobName(`sha256:${digest}`))]) {
    const content = await whenWhole(join(folder, name), () =>
      readContent(createReadStream(join(folder, name))),
    );
    if (content) contents.set(name, content);
  }
  return contents;
}

/** @throws UserError (exit 2) when a document is not there, or not of this form */
export function documentOf<T>(contents: Contents, name: string, schema: z.ZodType<T>): T {
  const content = contents.get(name);
  const parsed = schema.safeParse(content && "json" in content ? content.json : undefined);
  if (parsed.success) return parsed.data;
  throw new UserError(`The image archive has no valid ${name}`, {
    hint: EXPORT_AGAIN,
    cause: parsed.error,
  });
}

/** @throws UserError (exit 2) when the layer is not there */
export function layerOf(contents: Contents, name: string): LayerEntry[] {
  const content = contents.get(name);
  if (content && "layer" in content) return content.layer;
  throw new UserError(`The image archive has no layer ${name}`, {
    hint: EXPORT_AGAIN,
  });
}
