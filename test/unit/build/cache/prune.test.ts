import { existsSync } from "node:fs";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { takeBlob } from "../../../../build/cache/blobs.ts";
import { blobPath, cacheRoot, makeTree } from "../../../../build/cache/layout.ts";
import { findWaste, removeWaste } from "../../../../build/cache/prune.ts";
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
  for (const path of [blob, tree, join(cacheRoot(), "uses", basename(tree))]) await age(path, days);
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

test("an empty cache has no waste, and a note that is broken is none", async () => {
  expect(await findWaste({ since: since(), keep: new Set() })).toEqual([]);
  await put("uses/x", 0);
  expect(await listUses()).toEqual([]);
});
