import { access, constants, mkdir, stat, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { takeBlob } from "../cache/blobs.ts";
import { makeTree } from "../cache/trees.ts";
import type { UserHandler } from "../config/user-handler.ts";
import { UserError } from "../errors.ts";
import { systemFault } from "../files/system-fault.ts";
import { withScratch } from "../leftovers/run-record.ts";
import { refusalOf, trace } from "./imports.ts";
import { localPackages, settingsOf } from "./packages.ts";

const isFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() ?? false;

/**
 * A folder with what a handler's bundle is made of, for the builder to get nothing else: the sources that it imports, the
 * settings beside them, and what npm reads. It is in the cache, named by its content.
 * @throws UserError (exit 2) with file and line for an import of a file outside of the project, also through a link
 */
export async function gatherSources({ project, file, packages }: UserHandler): Promise<string> {
  const local = packages === undefined ? undefined : await localPackages(project, packages);
  return withScratch("mkimage-handler-", async (links) => {
    for (const [name, folder] of local?.folders ?? []) {
      const link = join(links, "node_modules", name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(project, folder), link);
    }
    const sources = await trace(file, { project, links, linked: local?.folders ?? new Map() });
    const ofNpm =
      packages === undefined ? [] : [join(packages, "package-lock.json"), ...(local?.files ?? [])];
    const inside = [file, ...ofNpm, ...[...sources].map((path) => relative(project, path))];
    const settings = await settingsOf(project, inside);
    const paths = new Set([...inside.map((path) => join(project, path)), ...settings]);
    return copyOf(project, [...paths]);
  });
}

async function copyOf(project: string, paths: readonly string[]): Promise<string> {
  const files: Record<string, { sha256: string }> = {};
  for (const path of paths) {
    if (!(await isFile(path))) continue;
    const why = await refusalOf(project, path);
    if (why) throw new UserError(why, { hint: "Only files of the project are sent to the builder." });
    await access(path, constants.R_OK).catch((cause: Error) => {
      throw new UserError(`Cannot read ${path}: ${systemFault(cause)}`, { cause });
    });
    const { sha256 } = await takeBlob(path, { move: false });
    files[relative(project, path)] = { sha256 };
  }
  return makeTree(files);
}
