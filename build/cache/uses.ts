import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import type { LockedFile } from "../../models/spec.ts";
import { cacheRoot } from "./layout.ts";

/** A model as some project's lock had it when it was last built. */
export interface Use {
  readonly project: string;
  readonly model: string;
  /** Name of its folder below the cache's `trees`. */
  readonly tree: string;
  /** sha256 of its files. */
  readonly blobs: readonly string[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

const useSchema = z.object({
  project: z.string(),
  model: z.string(),
  tree: z.string(),
  blobs: z.array(z.string()),
});
const folder = () => join(cacheRoot(), "uses");

/** Notes that a model is used now: what was used lately is not pruned. */
export async function noteUse(use: {
  project: string;
  model: string;
  tree: string;
  files: Readonly<Record<string, LockedFile>>;
}): Promise<void> {
  const { project, model, files } = use;
  const tree = basename(use.tree);
  const blobs = Object.values(files).map(({ sha256 }) => sha256);
  await mkdir(folder(), { recursive: true });
  await writeFile(join(folder(), tree), JSON.stringify({ project, model, tree, blobs }));
}

/** Every use that is noted, also those of long ago; a damaged note is none. */
export async function listUses(): Promise<Use[]> {
  const names = await readdir(folder()).catch(() => []);
  const uses = await Promise.all(
    names.map(async (name) => {
      try {
        const path = join(folder(), name);
        const { mtimeMs } = await stat(path);
        return [{ ...useSchema.parse(JSON.parse(await readFile(path, "utf8"))), at: mtimeMs }];
      } catch {
        return [];
      }
    }),
  );
  return uses.flat();
}
