import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, link, mkdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { LockedFile } from "../../models/spec.ts";

/** Root of the cache that projects share: `$MKIMAGE_CACHE`, or `mkimage` in the XDG cache directory. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env["MKIMAGE_CACHE"] ?? join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "mkimage"));
}

/** Size in bytes and sha256 (hexadecimal) of a file, read as a stream. */
export async function measureFile(path: string): Promise<Pick<LockedFile, "size" | "sha256">> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return { size: (await stat(path)).size, sha256: hash.digest("hex") };
}

/** Where the cache keeps the content with this sha256. */
export const blobPath = (sha256: string): string => join(cacheRoot(), "blobs", "sha256", sha256);

/** Whether the content is in the cache with the right size; content was checked when it was put there. */
export async function hasBlob({ sha256, size }: Pick<LockedFile, "size" | "sha256">): Promise<boolean> {
  const found = await stat(blobPath(sha256)).catch(() => undefined);
  return found?.size === size;
}

/** Puts a file's content into the cache. Written aside and renamed: safe with several processes at once. */
export async function addBlob(path: string, sha256: string): Promise<void> {
  const target = blobPath(sha256);
  await mkdir(dirname(target), { recursive: true });
  const aside = `${target}.${randomUUID()}`;
  try {
    await copyFile(path, aside);
    await rename(aside, target);
  } finally {
    await rm(aside, { force: true });
  }
}

type Entries = readonly (readonly [path: string, content: { sha256: string }])[];

/** Whether a path is a link to a content of the cache, or a copy of it. */
async function isContent(path: string, sha256: string): Promise<boolean> {
  const [found, blob] = await Promise.all(
    [path, blobPath(sha256)].map((each) => stat(each).catch(() => undefined)),
  );
  if (!found || found.size !== blob?.size) return false;
  return (found.ino === blob.ino && found.dev === blob.dev) || (await measureFile(path)).sha256 === sha256;
}

/** Whether a tree is there and each of its files still is what it should be. */
async function isWhole(tree: string, entries: Entries): Promise<boolean> {
  for (const [path, { sha256 }] of entries) if (!(await isContent(join(tree, path), sha256))) return false;
  return true;
}

/** Moves a tree to its place; one that another process has put there is as good, a damaged one is replaced. */
async function place(aside: string, tree: string, entries: Entries): Promise<void> {
  try {
    await rename(aside, tree);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    if (await isWhole(tree, entries)) return;
    await rm(tree, { recursive: true, force: true });
    await place(aside, tree, entries);
  }
}

/**
 * A folder with exactly the given files, made from the cache: links to its content where the file system allows. Named
 * by its content, so it is made once and never changed.
 */
export async function makeTree(files: Readonly<Record<string, { sha256: string }>>): Promise<string> {
  const entries = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  const id = createHash("sha256")
    .update(JSON.stringify(entries.map(([path, { sha256 }]) => [path, sha256])))
    .digest("hex");
  const tree = join(cacheRoot(), "trees", id);
  if (await isWhole(tree, entries)) return tree;
  const aside = `${tree}.${randomUUID()}`;
  try {
    for (const [path, { sha256 }] of entries) {
      await mkdir(dirname(join(aside, path)), { recursive: true });
      await link(blobPath(sha256), join(aside, path)).catch(() =>
        copyFile(blobPath(sha256), join(aside, path)),
      );
    }
    await place(aside, tree, entries);
    return tree;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
