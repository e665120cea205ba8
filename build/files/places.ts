import { realpath } from "node:fs/promises";
import { isAbsolute, relative, sep } from "node:path";

/** Whether a path is a folder or below it, as both are written. */
export function isWithin(folder: string, path: string): boolean {
  const from = relative(folder, path);
  return from !== ".." && !from.startsWith(`..${sep}`) && !isAbsolute(from);
}

/**
 * Where a file really is, behind symbolic links, if that is outside of the project's folder; undefined for one inside, and
 * for one that is not there.
 */
export async function placeOutside(project: string, path: string): Promise<string | undefined> {
  const [folder, place] = await Promise.all(
    [project, path].map((each) => realpath(each).catch(() => undefined)),
  );
  return folder === undefined || place === undefined || isWithin(folder, place) ? undefined : place;
}
