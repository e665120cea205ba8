import { createHash } from "node:crypto";
import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { withAside, writeAtomic } from "../files/atomic.ts";
import { fileVersion, type Measure, measureFile } from "../files/measure.ts";
import { cachePath } from "./folders.ts";
import { noteOrigin, recallOrigin } from "./origins.ts";

/** Where the cache keeps the content with this sha256. */
export const blobPath = (sha256: string): string => cachePath("blobs", sha256);

/** Whether the content is in the cache with the right size; content was checked when it was put there. */
export async function hasBlob({ sha256, size }: Measure): Promise<boolean> {
  const found = await stat(blobPath(sha256)).catch(() => undefined);
  return found?.size === size;
}

/** Where content that is not what it should be is kept aside, by the sha256 that it has. */
export const rejectedPath = (sha256: string): string => cachePath("rejected", sha256);

async function reject(path: string, sha256: string): Promise<string> {
  const place = rejectedPath(sha256);
  await mkdir(dirname(place), { recursive: true });
  await rename(path, place);
  return place;
}

/** Content that is not the expected one: it is kept at `place`. */
export class Rejected extends Error {
  readonly actual: Measure;
  readonly place: string;

  constructor(actual: Measure, place: string) {
    super(`sha256 ${actual.sha256}`);
    this.actual = actual;
    this.place = place;
  }
}

async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    await copyFile(from, to);
    await rm(from);
  }
}

export interface TakeOptions {
  /** The file is not needed any more where it is. */
  readonly move: boolean;
  /** What it has to be, where that is known. */
  readonly size?: number | undefined;
  readonly sha256?: string | undefined;
}

/**
 * Takes a file into the cache: measured where nobody else writes to it, then renamed to the name of its content, so that
 * several processes at once are safe. Symbolic links are followed.
 * @throws Rejected when it is not the expected content.
 */
export async function takeBlob(path: string, { move, size, sha256 }: TakeOptions): Promise<Measure> {
  return withAside(cachePath("blobs", "incoming"), async (aside) => {
    await (move ? moveFile(path, aside) : copyFile(path, aside));
    const facts = await measureFile(aside);
    const differs = (sha256 ?? facts.sha256) !== facts.sha256 || (size ?? facts.size) !== facts.size;
    if (differs) throw new Rejected(facts, await reject(aside, facts.sha256));
    await rename(aside, blobPath(facts.sha256));
    return facts;
  });
}

/** Puts a text into the cache. */
export async function addText(text: string): Promise<Measure> {
  const sha256 = createHash("sha256").update(text).digest("hex");
  await writeAtomic(blobPath(sha256), text);
  return { size: Buffer.byteLength(text), sha256 };
}

export type BlobState = "good" | "missing" | "damaged";

/** Reads content of the cache and compares it with its name; what is damaged is moved to `rejected`. */
export async function verifyBlob({ sha256, size }: Measure): Promise<BlobState> {
  const path = blobPath(sha256);
  const actual = await measureFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!actual) return "missing";
  if (actual.sha256 === sha256 && actual.size === size) return "good";
  await reject(path, actual.sha256);
  return "damaged";
}

/** The same without reading what is unchanged since it was found good: a model may have gigabytes. */
export async function checkBlob(blob: Measure): Promise<BlobState> {
  const found = await stat(blobPath(blob.sha256), { bigint: true }).catch(() => undefined);
  if (!found) return "missing";
  const origin = { source: "cache", path: blob.sha256, version: fileVersion(found) };
  if ((await recallOrigin(origin))?.size === blob.size) return "good";
  const state = await verifyBlob(blob);
  // A cache that may only be read is no error.
  if (state === "good") await noteOrigin(origin, blob).catch(() => {});
  return state;
}
