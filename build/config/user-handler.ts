import { stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { UserError } from "../errors.ts";
import { isWithin, placeOutside } from "../files/places.ts";

/** Names that a project's own handler is looked for by, the first one first. */
export const HANDLER_FILES = ["handler.ts", "handler.mts", "handler.mjs", "handler.js"] as const;

/** A project's own handler: its module, and where the packages are that it may import. */
export interface UserHandler {
  /** Folder of mkimage.json. */
  readonly project: string;
  /** Path of the module in the project. */
  readonly file: string;
  /** Folder in the project with the package-lock.json that counts for it: the nearest; undefined without one. */
  readonly packages?: string;
  /** Path of npm's settings in that folder, where there are some. */
  readonly npmrc?: string;
}

const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() ?? false;

/** The folders from that of a file up to the project's, as paths in the project. */
export function foldersOf(file: string): string[] {
  const folder = dirname(file);
  return folder === "." ? [folder] : [folder, ...foldersOf(folder)];
}

async function find<T>(paths: readonly T[], toFile: (path: T) => string): Promise<T | undefined> {
  for (const path of paths) if (await isFile(toFile(path))) return path;
  return undefined;
}

/** @throws UserError (exit 2) for a file that is a link to one outside of the project, or behind such a link. */
async function refuseOutside(project: string, place: string, owner: string): Promise<void> {
  const outside = await placeOutside(project, place);
  if (!outside) return;
  throw new UserError(`functions.${owner}.handler: ${place} is outside of the project: ${outside}`, {
    hint: "Put the file itself into the project: the build gets nothing else.",
  });
}

/** @throws UserError (exit 2) with the path, when the named file is not there or is is not the project's own. */
async function namedFile(project: string, owner: string, named: string): Promise<string> {
  const file = relative(project, resolve(project, named));
  if (!isWithin(project, join(project, file)) || /(?:^|\/)node_modules\//.test(file)) {
    throw new UserError(`functions.${owner}.handler: ${named} is not among the sources of ${project}`, {
      hint: "Put it into the project's folder, and not into node_modules/.",
    });
  }
  if (await isFile(join(project, file))) return file;
  throw new UserError(`functions.${owner}.handler: there is no file ${join(project, file)}`, {
    hint: "The path is taken from the folder of mkimage.json.",
  });
}

/**
 * A function's own handler: the named file, or handler.ts beside mkimage.json where there is one.
 * @param named path from the project's folder on; false for none
 */
export async function findHandler(
  project: string,
  owner: string,
  { named }: { readonly named: string | false | undefined },
): Promise<UserHandler | undefined> {
  if (named === false) return undefined;
  const file = named
    ? await namedFile(project, owner, named)
    : await find(HANDLER_FILES, (each) => join(project, each));
  if (file === undefined) return undefined;
  const packages = await find(foldersOf(file), (folder) => join(project, folder, "package-lock.json"));
  const npmrc = join(project, packages ?? "", ".npmrc");
  const own = {
    project,
    file,
    ...(packages !== undefined && { packages }),
    ...(packages !== undefined && (await isFile(npmrc)) && { npmrc }),
  };
  const places = [join(project, file), join(project, packages ?? "", "package-lock.json"), npmrc];
  for (const place of places) await refuseOutside(project, place, owner);
  return own;
}
