import { randomUUID } from "node:crypto";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LockedFile } from "../../models/spec.ts";
import { blobPath, cacheRoot, measureFile } from "./layout.ts";

type Facts = Pick<LockedFile, "size" | "sha256">;

/** Where content that is not what it should be is kept aside, by the sha256 that it has. */
export const rejectedPath = (sha256: string): string => join(cacheRoot(), "rejected", sha256);

async function reject(path: string, sha256: string): Promise<string> {
  const place = rejectedPath(sha256);
  await mkdir(dirname(place), { recursive: true });
  await rename(path, place);
  return place;
}

/** Content that is not the expected one: it is kept at `place`. */
export class Rejected extends Error {
  readonly actual: Facts;
  readonly place: string;

  constructor(actual: Facts, place: string) {
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
export async function takeBlob(path: string, { move, size, sha256 }: TakeOptions): Promise<Facts> {
  const aside = join(cacheRoot(), "blobs", "sha256", `.${randomUUID()}`);
  try {
    await mkdir(dirname(aside), { recursive: true });
    await (move ? moveFile(path, aside) : copyFile(path, aside));
    const facts = await measureFile(aside);
    const differs = (sha256 ?? facts.sha256) !== facts.sha256 || (size ?? facts.size) !== facts.size;
    if (differs) throw new Rejected(facts, await reject(aside, facts.sha256));
    await rename(aside, blobPath(facts.sha256));
    return facts;
  } finally {
    await rm(aside, { force: true });
  }
}

export type BlobState = "good" | "missing" | "damaged";

/** Reads content of the cache and compares it with its name; what is damaged is moved to `rejected`. */
export async function verifyBlob({ sha256, size }: Facts): Promise<BlobState> {
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
