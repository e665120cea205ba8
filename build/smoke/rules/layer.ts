import type { Readable } from "node:stream";
import { extract, type Header } from "tar-stream";
import { UserError } from "../../errors.ts";
import { type ElfFacts, isElf, readElf } from "../abi/elf.ts";
import { findSecrets, type Secret } from "./secrets.ts";

/** One entry of a layer, with what the rules need of its content. */
export interface LayerEntry {
  /** Absolute, without a slash at its end. */
  readonly path: string;
  readonly type: NonNullable<Header["type"]>;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Of a symbolic link as it is written, of a hard link absolute. */
  readonly target?: string;
  readonly elf?: ElfFacts;
  /** The first line of a script, without `#!`. */
  readonly script?: string;
  /** The version of Node, of a Node program. */
  readonly node?: string;
  readonly secrets: readonly Secret[];
  /** Whether it names the call of the Runtime API that ends an init before a snapshot. */
  readonly restores: boolean;
}

/** Texts are read up to this many bytes; what is longer is data. */
const MAX_TEXT = 1_000_000;

const RESTORE_CALL = "runtime/restore/next";

/** A path of a tar as an absolute one. */
const absolute = (name: string): string =>
  `/${name
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/")}`;

/** The whole content of an ELF file, and of a short text; otherwise nothing, so that it is not kept in memory. */
async function readContent(entry: AsyncIterable<Buffer>, size: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let wanted: boolean | undefined;
  for await (const chunk of entry) {
    if (wanted === false) continue;
    chunks.push(chunk);
    if (wanted === undefined) {
      const head = chunks.length === 1 ? chunk : Buffer.concat(chunks);
      if (head.length > 64 || head.length >= size)
        wanted = isElf(head) || (size <= MAX_TEXT && !head.includes(0));
    }
  }
  return wanted ? Buffer.concat(chunks) : Buffer.alloc(0);
}

/** The version that an official Node binary carries in the address of its own sources. */
function nodeVersion(path: string, content: Buffer): string | undefined {
  if (!path.endsWith("/bin/node")) return undefined;
  const at = content.indexOf("/node-v");
  return at < 0 ? undefined : /^\/node-v([\d.]+\d)/.exec(content.toString("latin1", at, at + 40))?.[1];
}

/** What the rules need of a file's content. */
async function factsOf(path: string, content: Buffer) {
  const elf = readElf(content);
  if (elf) {
    const node = nodeVersion(path, content);
    return { elf, secrets: [], restores: content.includes(RESTORE_CALL), ...(node && { node }) };
  }
  const text = isElf(content) || content.includes(0) ? "" : content.toString("utf8");
  const [, script] = /^#!\s*([^\r\n]*)/.exec(text.slice(0, 4096)) ?? [];
  return {
    secrets: text ? await findSecrets(text) : [],
    restores: text.includes(RESTORE_CALL),
    ...(script !== undefined && { script: script.trim() }),
  };
}

/** Most entries of a layer: an image of 10 GiB with files of 10 kB has as many. */
const MOST_ENTRIES = 1_000_000;

/**
 * Reads a layer, an unpacked tar, once.
 * @throws when the tar is cut short or not one; UserError (exit 2) for one with more entries than an image has
 */
export async function readLayer(tar: Readable): Promise<LayerEntry[]> {
  const entries: LayerEntry[] = [];
  const archive = tar.pipe(extract());
  tar.on("error", (error) => archive.destroy(error));
  for await (const entry of archive) {
    if (entries.length === MOST_ENTRIES)
      throw new UserError(`A layer of the image has more than ${MOST_ENTRIES} entries: it is not read`);
    const { name, type, mode = 0, uid = 0, gid = 0, size = 0, linkname } = entry.header;
    const path = absolute(name);
    const isFile = type === "file" || type === "contiguous-file";
    const content = await readContent(entry as unknown as AsyncIterable<Buffer>, size);
    const facts = isFile ? await factsOf(path, content) : { secrets: [], restores: false };
    const target = linkname && (type === "link" ? absolute(linkname) : linkname);
    entries.push({
      path,
      type: type ?? "file",
      mode: mode & 0o7777,
      uid,
      gid,
      size,
      ...(target && { target }),
      ...facts,
    });
  }
  return entries;
}
