import { existsSync } from "node:fs";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { addText, blobPath, takeBlob } from "../../../../build/cache/blobs.ts";
import { type CacheFolder, cacheRoot, FOLDERS } from "../../../../build/cache/folders.ts";
import { findWaste, removeWaste } from "../../../../build/cache/prune.ts";
import { recordPath } from "../../../../build/cache/records.ts";
import { makeTree } from "../../../../build/cache/trees.ts";
import { listUses, noteUse } from "../../../../build/cache/uses.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const DAY = 24 * 60 * 60;

beforeEach(async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
});

const age = (path: string, days: number) =>
  utimes(path, Date.now() / 1000 - days * DAY, Date.now() / 1000 - days * DAY);

/** A model in the cache that was made and used so many days ago. */
async function model(content: string, days: number): Promise<{ blob: string; tree: string; sha256: string }> {
  const folder = await temporaryFolder({ file: content });
  const { sha256, size } = await takeBlob(join(folder, "file"), { move: false });
  const tree = await makeTree({ "model.onnx": { sha256 } });
  await noteUse({
    project: "/p",
    model: content,
    tree,
    files: { "model.onnx": { source: "file:x", path: "file", size, sha256 } },
  });
  const blob = blobPath(sha256);
  for (const path of [blob, tree, recordPath("uses", basename(tree))]) await age(path, days);
  return { blob, tree, sha256 };
}

async function put(path: string, days: number): Promise<string> {
  const whole = join(cacheRoot(), path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, "12345");
  await age(whole, days);
  return whole;
}

const since = () => Date.now() - 30 * DAY * 1000;
const { signal } = new AbortController();

test("what was used lately stays, what was not goes, content and folder", async () => {
  const [recent, old] = [await model("recent", 5), await model("old", 50)];
  const waste = await findWaste({ since: since(), keep: new Set() });
  expect(waste.map(({ kind }) => kind).sort()).toEqual(["content", "folder", "note"]);
  expect(waste.reduce((sum, { kind, size }) => sum + (kind === "content" ? size : 0), 0)).toBe(3);
  await removeWaste(waste, signal);
  expect([recent.blob, recent.tree, old.blob, old.tree].map(existsSync)).toEqual([true, true, false, false]);
  expect((await listUses()).map(({ model: name }) => name)).toEqual(["recent"]);
});

test("what the project's own lock names stays however old", async () => {
  const old = await model("old", 500);
  await removeWaste(await findWaste({ since: since(), keep: new Set([old.sha256]) }), signal);
  expect(existsSync(old.blob)).toBe(true);
});

test("what has just been put there stays, though nothing names it yet", async () => {
  const folder = await temporaryFolder({ file: "new" });
  await takeBlob(join(folder, "file"), { move: true });
  expect(await findWaste({ since: Date.now() + 1000, keep: new Set() })).toEqual([]);
});

test("downloads that nobody went on with, and rejected files, go", async () => {
  const [stale, fresh] = [await put("partial/a", 2), await put("partial/b", 0)];
  const rejected = await put("rejected/c", 0);
  const waste = await findWaste({ since: since(), keep: new Set() });
  expect(waste.map(({ path }) => path).sort()).toEqual([stale, rejected].sort());
  expect(waste.map(({ path }) => path)).not.toContain(fresh);
});

/** Which entry of a folder goes: by its days since the last use, with 30 days kept. */
const RULES: Record<CacheFolder, Record<number, boolean>> = {
  trees: { 0: false, 1: true, 40: true },
  blobs: { 0: false, 1: true, 40: true },
  partial: { 0: false, 2: true },
  locks: { 0: false, 2: true },
  rejected: { 0: true, 40: true },
  origins: { 0: false, 20: false, 40: true },
  uses: { 0: false, 20: false, 40: true },
  tested: { 0: false, 20: false, 40: true },
  inspected: { 0: false, 20: false, 40: true },
  logs: { 0: false, 20: false, 40: true },
  images: { 0: false, 20: false, 40: true },
  runs: { 0: false, 400: false },
};

test.each(Object.entries(RULES))("an entry of %s goes when its rule says so: %j", async (folder, rule) => {
  for (const [days, isWaste] of Object.entries(rule)) {
    const path = await put(join(FOLDERS[folder as CacheFolder].path, `entry-${days}`), Number(days));
    const waste = await findWaste({ since: since(), keep: new Set() });
    expect(waste.map((each) => each.path).includes(path), days).toBe(isWaste);
    await removeWaste(waste, signal);
    expect(existsSync(path), days).toBe(!isWaste);
  }
});

test("a folder that no use names stays while a build has just asked for it", async () => {
  const file = await addText("handler");
  const tree = await makeTree({ "index.ts": file });
  await age(tree, 3);
  expect((await findWaste({ since: since(), keep: new Set() })).map(({ path }) => path)).toEqual([tree]);
  expect(await makeTree({ "index.ts": file })).toBe(tree);
  expect(await findWaste({ since: since(), keep: new Set() })).toEqual([]);
});

test("an empty cache has no waste, and a note that is broken is none", async () => {
  expect(await findWaste({ since: since(), keep: new Set() })).toEqual([]);
  await put("uses/x", 0);
  expect(await listUses()).toEqual([]);
});
