import { createHash } from "node:crypto";
import { readdir, readFile, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { addText, blobPath, hasBlob, takeBlob } from "../../../../build/cache/blobs.ts";
import { makeTree } from "../../../../build/cache/trees.ts";
import { measureFile } from "../../../../build/files/measure.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");

let cache: string;

beforeEach(async () => {
  cache = await temporaryFolder();
  vi.stubEnv("MKIMAGE_CACHE", cache);
});

async function add(content: string): Promise<{ sha256: string; size: number }> {
  const folder = await temporaryFolder({ file: content });
  await takeBlob(join(folder, "file"), { move: false, sha256: sha256(content) });
  return { sha256: sha256(content), size: Buffer.byteLength(content) };
}

describe("content", () => {
  test("is found after it was added, and only with its size", async () => {
    expect(await hasBlob({ sha256: sha256("hello"), size: 5 })).toBe(false);
    const blob = await add("hello");
    expect(await hasBlob(blob)).toBe(true);
    expect(await hasBlob({ ...blob, size: 6 })).toBe(false);
    expect(await readFile(blobPath(blob.sha256), "utf8")).toBe("hello");
  });

  test("that cannot be read leaves nothing behind", async () => {
    await expect(takeBlob(join(cache, "gone"), { move: false })).rejects.toThrow("ENOENT");
    expect(await readdir(join(cache, "blobs", "sha256"))).toEqual([]);
  });
});

test("a text is content like any other", async () => {
  const text = await addText("héllo");
  expect(text).toEqual({ size: 6, sha256: sha256("héllo") });
  expect(await hasBlob(text)).toBe(true);
});

describe("a tree", () => {
  test("has exactly the given files", async () => {
    const [a, b] = [await add("a"), await add("bb")];
    const tree = await makeTree({ "model.onnx": a, "deep/er/tokenizer.json": b, copy: a });
    expect((await readdir(tree, { recursive: true })).sort()).toEqual([
      "copy",
      "deep",
      "deep/er",
      "deep/er/tokenizer.json",
      "model.onnx",
    ]);
    expect(await readFile(join(tree, "deep/er/tokenizer.json"), "utf8")).toBe("bb");
  });

  test("is named by its content, in whatever order that is given", async () => {
    const [a, b] = [await add("a"), await add("b")];
    const tree = await makeTree({ x: a, y: b });
    expect(await makeTree({ y: b, x: a })).toBe(tree);
    expect(await makeTree({ x: b, y: a })).not.toBe(tree);
    expect(await readdir(join(cache, "trees"))).toHaveLength(2);
  });

  test("whose content is missing is not made", async () => {
    const a = await add("a");
    await expect(makeTree({ x: a, y: { sha256: sha256("gone") } })).rejects.toThrow("ENOENT");
    expect(await readdir(join(cache, "trees"))).toEqual([]);
  });

  test("that was damaged is made again when its content is whole", async () => {
    const a = await add("content");
    const tree = await makeTree({ x: a });
    await truncate(join(tree, "x"), 3);
    await add("content");
    expect(await makeTree({ x: a })).toBe(tree);
    expect(await readFile(join(tree, "x"), "utf8")).toBe("content");
    expect(await readdir(join(cache, "trees"))).toHaveLength(1);
  });
});

test("several processes may fill the same cache at once", async () => {
  const content = "x".repeat(3_000_000);
  const folder = await temporaryFolder({ file: content });
  const module = (name: string) =>
    JSON.stringify(pathToFileURL(join(import.meta.dirname, "../../../../build/cache", name)).href);
  const script = `
    import { takeBlob } from ${module("blobs.ts")};
    import { makeTree } from ${module("trees.ts")};
    const sha256 = ${JSON.stringify(sha256(content))};
    for (let round = 0; round < 20; round++) await takeBlob(${JSON.stringify(join(folder, "file"))}, { move: false, sha256 });
    console.log(await makeTree({ "a/b": { sha256 }, c: { sha256 } }));`;
  const run = () =>
    execa(process.execPath, ["--input-type=module", "--eval", script], { env: { MKIMAGE_CACHE: cache } });
  const results = await Promise.all([run(), run(), run(), run()]);
  const trees = new Set(results.map(({ stdout }) => stdout));
  expect(trees.size).toBe(1);
  const [tree = ""] = trees;
  expect(await measureFile(join(tree, "a/b"))).toEqual({ size: 3_000_000, sha256: sha256(content) });
  expect((await stat(blobPath(sha256(content)))).size).toBe(3_000_000);
  expect(await readdir(join(cache, "trees"))).toEqual([tree.split("/").at(-1)]);
  expect(await readdir(join(cache, "blobs", "sha256"))).toEqual([sha256(content)]);
});
