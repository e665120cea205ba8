import { open } from "node:fs/promises";
import { UserError } from "../errors.ts";

/** https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: a pointer has less than 1024 bytes and begins so. */
const POINTER = /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\//;
const LARGEST = 1023;

/** Whether a text is what Git keeps in place of a large file. */
export const isPointer = (text: string): boolean => POINTER.test(text);

export const pointerFault = (shown: string): UserError =>
  new UserError(`${shown} is a Git LFS pointer: a reference to a large file, not the file`, {
    hint: "Run `git lfs install` and `git lfs pull` in the repository that it comes from; of an upload, upload the file itself.",
  });

/** @throws UserError (exit 2) when the file at `path` is a Git LFS pointer */
export async function refusePointer(path: string, shown: string): Promise<void> {
  const file = await open(path);
  try {
    if ((await file.stat()).size > LARGEST) return;
    if (isPointer(await file.readFile("utf8"))) throw pointerFault(shown);
  } finally {
    await file.close();
  }
}
