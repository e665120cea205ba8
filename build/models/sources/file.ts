import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import type { FetchedFiles, FetchRequest, KnownFile, SourceRequest, Survey } from "./source.ts";

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

/** Size of files, and what tells a content from a later one without reading it. A file that is not there is left out. */
export async function surveyFolder({ address, paths, project }: SourceRequest): Promise<Survey> {
  const files: Record<string, KnownFile> = {};
  for (const path of paths) {
    const found = await stat(join(resolve(project, address), path), { bigint: true }).catch(() => undefined);
    if (!found?.isFile()) continue;
    const { dev, ino, size, mtimeNs, ctimeNs } = found;
    files[path] = { size: Number(size), version: [dev, ino, size, mtimeNs, ctimeNs].join("-") };
  }
  return { files };
}
