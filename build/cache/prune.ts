import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot } from "./layout.ts";
import { listUses } from "./uses.ts";

/** Something of the cache that nothing recent needs. */
export interface Waste {
  readonly kind: "content" | "folder" | "unfinished" | "rejected" | "note";
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
const UNFINISHED = 24 * 60 * 60 * 1000;

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly at: number;
}

async function entries(...folder: string[]): Promise<Entry[]> {
  const path = join(cacheRoot(), ...folder);
  const found = await Promise.all(
    (await readdir(path).catch(() => [])).map(async (name) => {
      const facts = await stat(join(path, name)).catch(() => undefined);
      return facts
        ? [{ name, path: join(path, name), size: facts.isFile() ? facts.size : 0, at: facts.mtimeMs }]
        : [];
    }),
  );
  return found.flat();
}

/**
 * What may be removed: content and folders that no recently used lock names, downloads that nobody went on with for a day,
 * and rejected files. The folders' files are links to the content, so they free nothing of their own.
 */
export async function findWaste({ since, keep, now = Date.now() }: PruneOptions): Promise<Waste[]> {
  const uses = await listUses();
  const recent = uses.filter(({ at }) => at >= since);
  const blobs = new Set([...keep, ...recent.flatMap((use) => use.blobs)]);
  const trees = new Set(recent.map(({ tree }) => tree));
  const isSettled = ({ at }: Entry) => at < now - GRACE;
  const [content, folders, notes, partial, rejected] = await Promise.all([
    entries("blobs", "sha256"),
    entries("trees"),
    entries("uses"),
    entries("partial"),
    entries("rejected"),
  ]);
  const pick = (kind: Waste["kind"], list: Entry[], isWaste: (entry: Entry) => boolean): Waste[] =>
    list.filter(isWaste).map(({ path, size }) => ({ kind, path, size }));
  return [
    ...pick("folder", folders, (entry) => isSettled(entry) && !trees.has(entry.name)),
    ...pick("content", content, (entry) => isSettled(entry) && !blobs.has(entry.name)),
    ...pick("unfinished", partial, ({ at }) => at < now - UNFINISHED),
    ...pick("rejected", rejected, () => true),
    ...pick("note", notes, ({ at }) => at < since),
  ];
}

/** Removes waste: folders before the content they link to, so that what an interrupted run leaves is whole. */
export async function removeWaste(waste: readonly Waste[], signal: AbortSignal): Promise<void> {
  for (const { path } of waste) {
    signal.throwIfAborted();
    await rm(path, { recursive: true, force: true });
  }
}
