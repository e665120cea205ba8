import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UserError } from "../errors.ts";
import type { FetchedFiles, FetchRequest } from "./source.ts";

/**
 * Files of a folder on this machine; nothing is copied.
 * @throws UserError (exit 2) when one of them is not a regular file.
 */
export async function fetchFromFolder({ address, paths, project }: FetchRequest): Promise<FetchedFiles> {
  const folder = resolve(project, address);
  for (const path of paths) {
    const found = await stat(join(folder, path)).catch(() => undefined);
    if (!found?.isFile()) {
      throw new UserError(`No file ${path} in ${folder}`, {
        hint: "Check `source` and `files` in the model's spec.",
      });
    }
  }
  return Object.fromEntries(paths.map((path) => [path, join(folder, path)]));
}
