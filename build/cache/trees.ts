import { copyFile, link, mkdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withAside } from "../files/atomic.ts";
import { digestOf } from "../files/digest.ts";
import { measureFile } from "../files/measure.ts";
import { blobPath } from "./blobs.ts";
import { cachePath } from "./folders.ts";

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
  const id = digestOf(entries.map(([path, { sha256 }]) => [path, sha256])).replace("sha256:", "");
  const tree = cachePath("trees", id);
  if (await isWhole(tree, entries)) {
    // No record names the trees of handlers and samples: their time alone keeps `prune` from one that is in use.
    await utimes(tree, new Date(), new Date()).catch(() => {});
    return tree;
  }
  return withAside(tree, async (aside) => {
    for (const [path, { sha256 }] of entries) {
      await mkdir(dirname(join(aside, path)), { recursive: true });
      await link(blobPath(sha256), join(aside, path)).catch(() =>
        copyFile(blobPath(sha256), join(aside, path)),
      );
    }
    await place(aside, tree, entries);
    return tree;
  });
}
