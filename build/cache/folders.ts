import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Root of the cache that projects share: `$MKIMAGE_CACHE`, or `mkimage` in the XDG cache directory. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env["MKIMAGE_CACHE"] ?? join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "mkimage"));
}

/**
 * When `mkimage models prune` removes an entry of a folder:
 * - `unreferenced`: no use of a model within the period names it, and it is not in the project's own lock,
 * - `unused`: it was neither written nor read within the period,
 * - `abandoned`: nobody has written to it for a day,
 * - `always`,
 * - `never`: another part of mkimage removes it.
 */
export type Expiry = "unreferenced" | "unused" | "abandoned" | "always" | "never";

/** What an entry of a folder is called in the output of `prune`. */
export type EntryKind = "content" | "folder" | "unfinished" | "rejected" | "note";

interface FolderRow {
  readonly path: string;
  readonly kind: EntryKind;
  readonly expiry: Expiry;
}

/**
 * Every folder of the cache. Code can write to these only (`cachePath`), and `prune` goes through them in this order:
 * trees before the content that they link to.
 */
export const FOLDERS = {
  /** Folders of links to blobs, one per model, handler or list of samples, named by their content. */
  trees: { path: "trees", kind: "folder", expiry: "unreferenced" },
  /** Files by their sha256. */
  blobs: { path: "blobs/sha256", kind: "content", expiry: "unreferenced" },
  /** Downloads that are not complete. */
  partial: { path: "partial", kind: "unfinished", expiry: "abandoned" },
  /** Locks between processes. A living process renews its own every few seconds. */
  locks: { path: "locks", kind: "unfinished", expiry: "abandoned" },
  /** Files that are not what the lock says, by the sha256 that they have. */
  rejected: { path: "rejected", kind: "rejected", expiry: "always" },
  /** Records: the content that a source had under a path and version. */
  origins: { path: "origins", kind: "note", expiry: "unused" },
  /** Records: the last use of each model, with its tree and blobs. */
  uses: { path: "uses", kind: "note", expiry: "unused" },
  /** Records: the images that passed a smoke test. */
  tested: { path: "tested", kind: "note", expiry: "unused" },
  /** Records: images that keep the rules, of which nothing was run. */
  inspected: { path: "inspected", kind: "note", expiry: "unused" },
  /** What the builder said in each run, whole. */
  logs: { path: "logs", kind: "note", expiry: "unused" },
  /** Records: what the builder told of images in the engine. */
  images: { path: "images", kind: "note", expiry: "unused" },
  /** What each run has to remove; the next run removes those of a killed one (`sweep`). */
  runs: { path: "runs", kind: "note", expiry: "never" },
} as const satisfies Readonly<Record<string, FolderRow>>;

export type CacheFolder = keyof typeof FOLDERS;

/** A path in a folder of the cache. */
export const cachePath = (folder: CacheFolder, ...names: readonly string[]): string =>
  join(cacheRoot(), FOLDERS[folder].path, ...names);
