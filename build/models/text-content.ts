import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LockedModel } from "../../models/spec.ts";
import { addBlob, blobPath, measureFile } from "../cache/layout.ts";
import { withoutMark } from "../files/json.ts";
import { readText } from "../files/limits.ts";
import { makeScratch, removeScratch } from "../leftovers/run-record.ts";

/** Takes a text into the cache. */
export async function addText(text: string): Promise<{ sha256: string }> {
  const scratch = await makeScratch("mkimage-text-");
  try {
    const path = join(scratch, "text");
    await writeFile(path, text);
    const { sha256 } = await measureFile(path);
    await addBlob(path, sha256);
    return { sha256 };
  } finally {
    await removeScratch(scratch);
  }
}

/** Whether a file begins with a byte order mark in UTF-8. */
async function isMarked(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(3), 0, 3, 0);
    return buffer.equals(Buffer.from("\uFEFF"));
  } finally {
    await file.close();
  }
}

/**
 * Files as programs read them: without the byte order mark that some editors put before a text, and that neither the
 * tokenizer's library nor a chat takes.
 */
export async function unmarked(files: LockedModel["files"]): Promise<Record<string, { sha256: string }>> {
  const entries = Object.entries(files).map(async ([path, file]) => {
    const place = blobPath(file.sha256);
    if (!/\.(?:json|jinja|txt)$/.test(path) || !(await isMarked(place))) return [path, file] as const;
    return [path, await addText(withoutMark(await readText(place, path)))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
