import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { cachePath, cacheRoot, FOLDERS } from "../../../../build/cache/folders.ts";
import { TOOL_ROOT } from "../../../../build/tool-root.ts";

describe("the cache's folder", () => {
  test.each([
    [{ MKIMAGE_CACHE: "/a", XDG_CACHE_HOME: "/b" }, "/a"],
    [{ XDG_CACHE_HOME: "/b" }, "/b/mkimage"],
  ])("of %o is %s", (env, root) => {
    expect(cacheRoot(env)).toBe(root);
  });

  test("is in the home directory otherwise", () => {
    vi.stubEnv("HOME", "/home/someone");
    expect(cacheRoot({})).toBe("/home/someone/.cache/mkimage");
  });
});

test("a path in a folder is below the root", () => {
  vi.stubEnv("MKIMAGE_CACHE", "/a");
  expect(cachePath("blobs", "0123")).toBe("/a/blobs/sha256/0123");
});

/** Where the root is not the beginning of a path, but shown, measured or compared. */
const SHOWN = /\$\{cacheRoot\(\)\}(?!\/)|(?:freeSpace|isWithin)\(cacheRoot\(\)|cache: cacheRoot\(\)/g;

test("code makes paths in the cache by the table of folders alone", async () => {
  const files = globSync("build/**/*.ts", { cwd: TOOL_ROOT }).filter(
    (file) => file !== "build/cache/folders.ts",
  );
  const uses = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(TOOL_ROOT, file), "utf8");
      return /cacheRoot\(|env(?:\.|\[")MKIMAGE_CACHE/.test(text.replace(SHOWN, "")) ? [file] : [];
    }),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(uses.flat()).toEqual([]);
});

test("the documentation has a row for each folder", async () => {
  const text = await readFile(join(TOOL_ROOT, "docs/models.md"), "utf8");
  const section = text.slice(text.indexOf("## The cache"), text.indexOf("## Samples"));
  const rows = [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, path]) => path);
  expect(rows.sort()).toEqual(
    Object.values(FOLDERS)
      .map(({ path }) => path)
      .sort(),
  );
});
