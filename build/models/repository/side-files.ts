import { blobPath } from "../../cache/blobs.ts";
import { parseJson } from "../../files/json.ts";
import { readText } from "../../files/limits.ts";
import { FIRST_FILES, furtherFiles, type SideFiles } from "./sentence-transformers.ts";

/** Reads JSON files by path; those that the model does not have are left out. */
export type ReadFiles = (paths: readonly string[]) => Promise<SideFiles>;

/**
 * The files that describe a model, some of which say where others are.
 * @throws UserError (exit 2) for one that is not JSON
 */
export async function readSideFiles(read: ReadFiles, more: readonly string[] = []): Promise<SideFiles> {
  const first = await read([...FIRST_FILES, ...more]);
  return { ...first, ...(await read(furtherFiles(first))) };
}

/** The values of JSON files that the cache has. */
export async function readValues(files: Readonly<Record<string, { sha256: string }>>): Promise<SideFiles> {
  const values: Record<string, unknown> = {};
  for (const [path, { sha256 }] of Object.entries(files))
    values[path] = parseJson(await readText(blobPath(sha256), path), path);
  return values;
}
