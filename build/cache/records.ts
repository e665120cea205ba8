import { readdir, readFile, stat, utimes } from "node:fs/promises";
import type { z } from "zod";
import { writeAtomic } from "../files/atomic.ts";
import { digestOf } from "../files/digest.ts";
import { type CacheFolder, cachePath } from "./folders.ts";

type RecordFolder = Extract<CacheFolder, "origins" | "uses" | "tested" | "inspected" | "images">;

/** Small JSON files of the cache, one per fact. `prune` removes those that were neither written nor read for long. */
export interface Records<T> {
  /** The fact that was written for a key; undefined where there is none, or the file is damaged. */
  read(key: unknown): Promise<T | undefined>;
  write(key: unknown, value: T): Promise<void>;
  /** Every fact, with the time of its last use in milliseconds since 1970; damaged files are left out. */
  list(): Promise<{ value: T; at: number }[]>;
}

/** Where the record of a key is: it is named by the digest of the key, which may be any value that JSON can write. */
export const recordPath = (folder: RecordFolder, key: unknown): string =>
  cachePath(folder, digestOf(key).replace("sha256:", ""));

async function readRecord<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(path, "utf8"))).data;
  } catch {
    return undefined;
  }
}

/** The records of a folder. */
export const recordsIn = <T>(folder: RecordFolder, schema: z.ZodType<T>): Records<T> => ({
  async read(key) {
    const path = recordPath(folder, key);
    const value = await readRecord(path, schema);
    // A cache that may only be read is no error.
    if (value !== undefined) await utimes(path, new Date(), new Date()).catch(() => {});
    return value;
  },
  async write(key, value) {
    await writeAtomic(recordPath(folder, key), JSON.stringify(value));
  },
  async list() {
    const names = await readdir(cachePath(folder)).catch(() => []);
    const found = await Promise.all(
      names.map(async (name) => {
        const path = cachePath(folder, name);
        const [value, facts] = await Promise.all([
          readRecord(path, schema),
          stat(path).catch(() => undefined),
        ]);
        return value === undefined || !facts ? [] : [{ value, at: facts.mtimeMs }];
      }),
    );
    return found.flat();
  },
});
