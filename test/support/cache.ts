import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot } from "../../build/cache/folders.ts";

/** A cache with everything that the user's own has (models, above all), but for these folders. */
export async function cacheWithout(folders: readonly string[], parent: string): Promise<string> {
  const cache = join(parent, "cache");
  await mkdir(cache);
  for (const name of await readdir(cacheRoot()).catch(() => [])) {
    if (!folders.includes(name)) await symlink(join(cacheRoot(), name), join(cache, name));
  }
  return cache;
}
