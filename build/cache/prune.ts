import { readdir, rm, stat } from "node:fs/promises";
import { type CacheFolder, cachePath, type EntryKind, type Expiry, FOLDERS } from "./folders.ts";
import { listUses } from "./uses.ts";

/** Something of the cache that nothing recent needs. */
export interface Waste {
  readonly kind: EntryKind;
  readonly path: string;
  /** Bytes that its removal frees. */
  readonly size: number;
}

export interface PruneOptions {
  /** Milliseconds since 1970: what was used after it stays. */
  readonly since: number;
  /** sha256 of content that stays in any case: that of the project's own lock. */
  readonly keep: ReadonlySet<string>;
  readonly now?: number;
}

/** What another process has just put there may not be noted as used yet. */
const GRACE = 60 * 60 * 1000;
const ABANDONED = 24 * 60 * 60 * 1000;

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

async function entriesOf(folder: CacheFolder): Promise<Entry[]> {
  const names = await readdir(cachePath(folder)).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const path = cachePath(folder, name);
      const facts = await stat(path).catch(() => undefined);
      return facts ? [{ name, path, size: facts.isFile() ? facts.size : 0, at: facts.mtimeMs }] : [];
    }),
  );
  return found.flat();
}

/**
 * What may be removed, by the rules of the cache's folders. The files of trees are links to the content, so they free
 * nothing of their own.
 */
export async function findWaste({ since, keep, now = Date.now() }: PruneOptions): Promise<Waste[]> {
  const recent = (await listUses()).filter(({ at }) => at >= since);
  const referenced = new Set([...keep, ...recent.flatMap(({ tree, blobs }) => [tree, ...blobs])]);
  const isWaste: Readonly<Record<Expiry, (entry: Entry) => boolean>> = {
    unreferenced: ({ name, at }) => at < now - GRACE && !referenced.has(name),
    unused: ({ at }) => at < since,
    abandoned: ({ at }) => at < now - ABANDONED,
    always: () => true,
    never: () => false,
  };
  const waste = await Promise.all(
    (Object.keys(FOLDERS) as CacheFolder[]).map(async (folder) =>
      (await entriesOf(folder))
        .filter(isWaste[FOLDERS[folder].expiry])
        .map(({ path, size }) => ({ kind: FOLDERS[folder].kind, path, size })),
    ),
  );
  return waste.flat();
}

/** Removes waste: trees before the content they link to, so that what an interrupted run leaves is whole. */
export async function removeWaste(waste: readonly Waste[], signal: AbortSignal): Promise<void> {
  for (const { path } of waste) {
    signal.throwIfAborted();
    await rm(path, { recursive: true, force: true });
  }
}
