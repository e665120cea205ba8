import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot } from "../../../build/cache.ts";

/** A cache with everything that the user's own has (models, above all), but for its notes on what the engine has. */
export async function cacheWithoutNotes(folder: string): Promise<string> {
  const cache = join(folder, "cache");
  await mkdir(cache);
  for (const name of await readdir(cacheRoot()).catch(() => [])) {
    if (name !== "layers") await symlink(join(cacheRoot(), name), join(cache, name));
  }
  return cache;
}
