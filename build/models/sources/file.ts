import { readdir, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { UserError } from "../../errors.ts";
import { fileVersion } from "../../files/measure.ts";
import { placeOutside } from "../../files/places.ts";
import {
  type FetchedFiles,
  type FetchRequest,
  type KnownFile,
  type Listing,
  MOST_FILES,
  type SourceRequest,
  type Survey,
} from "./source.ts";

type Folder = Pick<SourceRequest, "address" | "project" | "allowOutside">;

/** @throws UserError (exit 2) for a file outside of the project, or behind a link that leads there. */
async function placeIn({ address, project, allowOutside }: Folder, path: string): Promise<string> {
  const place = join(resolve(project, address), path);
  const outside = allowOutside ? undefined : await placeOutside(project, place);
  if (!outside) return place;
  throw new UserError(
    `${path === "." ? "" : `${path} of `}file:${address} is outside of the project: ${outside}`,
    {
      hint: 'Put it into the project, or allow it by "allowOutside": true in the model\'s spec: `init` and `models add` write that with --allow-outside.',
    },
  );
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
    files[path] = { size: Number(found.size), version: fileVersion(found) };
  }
  return { files };
}

/** What is no part of a model, however it got there. */
const PASSED_OVER = new Set([".git", "node_modules", "__pycache__"]);

/**
 * The files of a folder and of those in it.
 * @throws UserError (exit 2) when it is not a folder, is outside of the project or has too many files.
 */
export async function listFolder(request: Omit<SourceRequest, "paths">): Promise<Listing> {
  const folder = await placeIn(request, ".");
  const paths: string[] = [];
  const open = [folder];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const entries = await readdir(place, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
      const what = cause.code === "ENOENT" ? "is not there" : "is not a folder that can be read";
      throw new UserError(`${folder} ${what}`, {
        hint: "Write the source as file:DIR, relative to the project.",
        cause,
      });
    });
    for (const entry of entries) {
      const path = join(place, entry.name);
      if (PASSED_OVER.has(entry.name)) continue;
      if (entry.isDirectory()) open.push(path);
      else if ((await stat(path).catch(() => undefined))?.isFile())
        paths.push(relative(folder, path).split(sep).join("/"));
      if (paths.length + open.length > MOST_FILES)
        throw new UserError(`${folder} has more than ${MOST_FILES} files`, {
          hint: "Name the model's own folder.",
        });
    }
  }
  return { paths: paths.sort() };
}
