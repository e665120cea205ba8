import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { TOOL_ROOT } from "../../build/tool-root.ts";

const document = readFileSync(join(TOOL_ROOT, "docs/architecture.md"), "utf8");

/** The folders that begin a row of a table, in their order. */
const rooms = [...document.matchAll(/^\| `((?:build|runtime)\/[\w/-]+)` \|/gm)].map(([, room = ""]) => room);

const sources = globSync("{build,runtime}/**/*.{ts,mjs}", { cwd: TOOL_ROOT }).filter(
  (path) => !path.includes("node_modules"),
);

/** Source files that a file imports, types included. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(TOOL_ROOT, file), "utf8");
  const paths = [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(([, path = ""]) => path);
  return paths.map((path) => join(dirname(file), path));
}

test("every path that the document names exists", () => {
  const paths = [...document.matchAll(/`((?:build|runtime|images|models)\/[\w./-]*)`/g)].map(
    ([, path = ""]) => path,
  );
  expect(paths.length).toBeGreaterThan(40);
  expect(paths.filter((path) => !existsSync(join(TOOL_ROOT, path)))).toEqual([]);
});

test("every folder of build/ and runtime/ is a room of the document", () => {
  const folders = new Set(sources.map((file) => dirname(file)).filter((folder) => folder.includes("/")));
  expect([...folders].sort()).toEqual([...rooms].sort());
});

test("a file imports from its own room and those above it", () => {
  const downwards = sources.flatMap((file) => {
    const own = rooms.indexOf(dirname(file));
    return importsOf(file)
      .filter((path) => own !== -1 && rooms.indexOf(dirname(path)) > own)
      .map((path) => `${file} → ${path}`);
  });
  expect(downwards).toEqual([]);
});

test("build/ and runtime/ do not import each other", () => {
  const across = sources.flatMap((file) => {
    const other = file.startsWith("build/") ? "runtime/" : "build/";
    return importsOf(file)
      .filter((path) => path.startsWith(other))
      .map((path) => `${file} → ${path}`);
  });
  expect(across).toEqual([]);
});

test("few files lie outside of the rooms", () => {
  const flat = (folder: string) => sources.filter((file) => dirname(file) === folder);
  expect(flat("build").length).toBeLessThanOrEqual(12);
  expect(flat("runtime")).toEqual(["runtime/index.ts"]);
});
