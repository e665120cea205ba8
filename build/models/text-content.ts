import { open } from "node:fs/promises";
import type { LockedModel } from "../../models/spec.ts";
import { addText, blobPath } from "../cache/blobs.ts";
import { withoutMark } from "../files/json.ts";
import { readText } from "../files/limits.ts";

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
