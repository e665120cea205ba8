import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A new folder with the given files (path → content, or a value written as JSON) that is removed after the test. */
export async function temporaryFolder(files: Record<string, unknown> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mkimage-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeTree(folder, files);
  return folder;
}

/** Writes files below a folder: path → content, or a value written as JSON. */
export async function writeTree(folder: string, files: Record<string, unknown>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const asIs = typeof content === "string" || Buffer.isBuffer(content);
    await writeFile(join(folder, path), asIs ? content : JSON.stringify(content));
  }
}
