import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { placeOutside } from "../../files/places.ts";
import type { FetchedFiles, FetchRequest, KnownFile, SourceRequest, Survey } from "./source.ts";

type Folder = Pick<SourceRequest, "address" | "project" | "allowOutside">;

/** @throws UserError (exit 2) for a file outside of the project, or behind a link that leads there. */
async function placeIn({ address, project, allowOutside }: Folder, path: string): Promise<string> {
  const place = join(resolve(project, address), path);
  const outside = allowOutside ? undefined : await placeOutside(project, place);
  if (!outside) return place;
  throw new UserError(`${path} of file:${address} is outside of the project: ${outside}`, {
    hint: 'Put it into the project. To take it from there: --allow-outside, or "allowOutside": true in the model\'s spec.',
  });
}

/**
 * Files of a folder on this machine; nothing is copied.
 * @throws UserError (exit 2) when one of them is not a regular file, or outside of the project.
 */
export async function fetchFromFolder(request: FetchRequest): Promise<FetchedFiles> {
  const { address, paths, project } = request;
  const folder = resolve(project, address);
  for (const path of paths) {
    const found = await stat(await placeIn(request, path)).catch(() => undefined);
    if (!found?.isFile()) {
      throw new UserError(`No file ${path} in ${folder}`, {
        hint: "Check `source` and `files` in the model's spec.",
      });
    }
  }
  return Object.fromEntries(paths.map((path) => [path, join(folder, path)]));
}

/** Size of files, and what tells a content from a later one without reading it. A file that is not there is left out. */
export async function surveyFolder(request: SourceRequest): Promise<Survey> {
  const files: Record<string, KnownFile> = {};
  for (const path of request.paths) {
    const found = await stat(await placeIn(request, path), { bigint: true }).catch(() => undefined);
    if (!found?.isFile()) continue;
    const { dev, ino, size, mtimeNs, ctimeNs } = found;
    files[path] = { size: Number(size), version: [dev, ino, size, mtimeNs, ctimeNs].join("-") };
  }
  return { files };
}
