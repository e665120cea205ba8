import { dirname } from "node:path";
import { getSystemErrorMessage } from "node:util";
import { UserError } from "../errors.ts";
import { isWithin } from "../files/places.ts";
import { freeBytes } from "../processes/tools.ts";
import { cacheRoot } from "./folders.ts";

const FULL = new Set(["ENOSPC", "EDQUOT"]);
export const FREE_SPACE =
  "Free space, for example with `mkimage models prune`, or set MKIMAGE_CACHE to a folder on another disk.";

/** What the file system refuses, as people read it (exit 3); an error of another kind comes back as it is. */
export function fileFault(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code = "", errno, path, syscall = "" } = error as NodeJS.ErrnoException;
  // A write to an open file does not say which.
  const isFile = path !== undefined && !/^(?:spawn|connect|listen)/.test(syscall);
  if (errno === undefined || !(isFile || FULL.has(code))) return error;
  const place = path && isWithin(cacheRoot(), path) ? "MKIMAGE_CACHE to a folder that is yours" : undefined;
  return new UserError(`Cannot ${syscall} ${path ?? "a file"}: ${getSystemErrorMessage(errno)}`, {
    hint: FULL.has(code)
      ? FREE_SPACE
      : `Check the path, its owner and its permissions${place ? `, or set ${place}` : ""}.`,
    reason: "environment",
    cause: error,
  });
}

/** Bytes that are free where a folder is or will be; undefined where nobody can say. */
export async function freeSpace(folder: string): Promise<number | undefined> {
  try {
    return await freeBytes(folder);
  } catch {
    return dirname(folder) === folder ? undefined : freeSpace(dirname(folder));
  }
}
