import { readdir, stat, utimes, writeFile } from "node:fs/promises";
import { beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { cachePath } from "../../../../build/cache/folders.ts";
import { recordPath, recordsIn } from "../../../../build/cache/records.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const records = recordsIn("tested", z.object({ count: z.int() }));

beforeEach(async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
});

test("a fact is found under its key, and under no other", async () => {
  expect(await records.read(["a", 1])).toBeUndefined();
  await records.write(["a", 1], { count: 1 });
  await records.write(["a", 2], { count: 2 });
  await records.write(["a", 1], { count: 3 });
  expect(await records.read(["a", 1])).toEqual({ count: 3 });
  expect(await records.read(["a", 2])).toEqual({ count: 2 });
  expect(await records.read(["a", "1"])).toBeUndefined();
  expect(await readdir(cachePath("tested"))).toHaveLength(2);
});

test.each(["", "{", "null", '{"count":"1"}', '"text"'])("a record with %j is none", async (text) => {
  await records.write("a", { count: 1 });
  await writeFile(recordPath("tested", "a"), text);
  expect(await records.read("a")).toBeUndefined();
  expect(await records.list()).toEqual([]);
});

test("reading counts as a use, listing does not", async () => {
  await records.write("a", { count: 1 });
  const long = new Date(2020, 1);
  await utimes(recordPath("tested", "a"), long, long);
  expect(await records.list()).toEqual([{ value: { count: 1 }, at: long.getTime() }]);
  await records.read("a");
  expect((await stat(recordPath("tested", "a"))).mtimeMs).toBeGreaterThan(Date.now() - 60_000);
});
