import { dirname } from "node:path";
import { UserError } from "../errors.ts";
import { freeBytes } from "../processes/tools.ts";

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOSPC: "is full",
  EDQUOT: "is full (quota)",
  EROFS: "is read-only",
  EACCES: "may not be written to",
  EPERM: "may not be written to",
};

/** An error of the file system as people read it (exit 3); an error of another kind comes back as it is. */
export function diskFault(error: unknown): unknown {
  const { code = "", path } = (error ?? {}) as NodeJS.ErrnoException;
  const problem = PROBLEMS[code];
  if (!problem || !(error instanceof Error)) return error;
  return new UserError(`The disk of the cache ${problem}${path ? `: ${path}` : ""}`, {
    hint: "Free space, for example with `mkimage models prune`, or set MKIMAGE_CACHE to a folder on another disk.",
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
