import { randomUUID } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "../errors.ts";

const asideOf = (path: string): string => `${path}.${randomUUID()}`;

/**
 * Makes a file or folder under another name beside its place. The action renames it into place when it is complete;
 * rename(2) replaces a file in one step, so nobody ever reads a part of it, and several processes may write the same one.
 * What the action has not renamed is removed. The folder of the place is created.
 */
export async function withAside<T>(path: string, action: (aside: string) => Promise<T>): Promise<T> {
  const aside = asideOf(path);
  await mkdir(dirname(path), { recursive: true });
  try {
    return await action(aside);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Whether something is no file that could be replaced: a pipe, a terminal, `/dev/stdout` wherever it leads. */
async function isStream(path: string): Promise<boolean> {
  if (/^\/(?:dev|proc)\//.test(path)) return true;
  const there = await stat(path).catch(() => undefined);
  return there !== undefined && (there.isFIFO() || there.isCharacterDevice());
}

/**
 * Writes a file in one step: a reader sees the old content or the new one, also when this process is killed. A pipe or a device
 * is written to.
 */
export async function writeAtomic(path: string, content: string): Promise<void> {
  if (await isStream(path)) return writeFile(path, content);
  return withAside(path, async (aside) => {
    await writeFile(aside, content);
    await rename(aside, path);
  });
}

/**
 * Sees that `writeAtomic` will be able to write a file, for what must not fail at its end; what the place has stays.
 * @throws UserError (exit 2) for a folder in its place
 */
export async function checkWritable(path: string): Promise<void> {
  if (await isStream(path)) return;
  await withAside(path, async (aside) => {
    await writeFile(aside, "");
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory())
      throw new UserError(`${path} is a folder, and a file is to be written there`, {
        hint: "Name a file in it.",
      });
  });
}

/** `writeAtomic` where nothing can be awaited. */
export function writeAtomicSync(path: string, content: string): void {
  const aside = asideOf(path);
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(aside, content);
    renameSync(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
}
