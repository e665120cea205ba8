import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "../../../../runtime/bundle/user-handler.mjs");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mkimage-handler-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Bundles a project of these files. */
function bundle(files: Record<string, string>, handler = "handler.ts") {
  const project = join(folder, "project");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  const args = [`--project=${project}`, `--handler=${handler}`, `--out=${join(folder, "out")}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: "utf8" });
  return { status, said: stdout.trimEnd().split("\n"), stderr };
}

/** What the bundle's handler answers, in a process of its own, where the project is not any more. */
function run(event: unknown) {
  rmSync(join(folder, "project"), { recursive: true });
  const script = `
    process.setSourceMapsEnabled(true);
    import(${JSON.stringify(join(folder, "out/handler.mjs"))})
      .then((module) => module.default(${JSON.stringify(event)}))
      .then((reply) => console.log(JSON.stringify(reply)), (error) => console.log(error.stack));`;
  return spawnSync(process.execPath, ["--eval", script], { encoding: "utf8" }).stdout.trim();
}

test("one file of the handler with its own modules, JSON, and packages of either kind", () => {
  const { status, stderr } = bundle({
    "handler.ts": `
      import { createRequire } from "node:module";
      import { type Handler } from "mkimage/handler";
      import common from "common";
      import { twice } from "./lib/twice.ts";
      import labels from "./labels.json" with { type: "json" };
      const require = createRequire(import.meta.url);
      const __dirname = import.meta.dirname;
      export default (async (event) => {
        const { late } = await import("./late.js");
        return [twice(event.n), labels.a, common("x/y"), late, typeof require("node:fs"), typeof __dirname];
      }) satisfies Handler<{ n: number }>;`,
    "lib/twice.ts": "export const twice = (n: number): number => n * 2;",
    "late.js": "export const late = 'late';",
    "labels.json": '{"a":"b"}',
    "node_modules/common/package.json": '{"name":"common","main":"./index.js"}',
    "node_modules/common/index.js":
      'const path = require("path"); module.exports = (p) => path.basename(p) + typeof __dirname;',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(readdirSync(join(folder, "out")).sort()).toEqual(["handler.mjs", "handler.mjs.map"]);
  expect(JSON.parse(run({ n: 2 }))).toEqual([4, "b", "ystring", "late", "object", "string"]);
});

test("data of any kind is in the bundle, by how it is imported", () => {
  const { status, said } = bundle({
    "handler.ts": `
      import prompt from "./prompt.md" with { type: "text" };
      import table from "./table.bin" with { type: "bytes" };
      export default async () => [prompt, [...table]];`,
    "prompt.md": "# Hello",
    "table.bin": "\u0001A",
  });
  expect({ status, said }).toEqual({ status: 0, said: [""] });
  expect(JSON.parse(run({}))).toEqual(["# Hello", [1, 65]]);
});

test("stacks have the lines of the source, and the map has no text of it", () => {
  bundle(
    { "src/own.ts": "type A = 1;\n\nexport default () => {\n  throw new Error('here');\n};\n" },
    "src/own.ts",
  );
  expect(readFileSync(join(folder, "out/handler.mjs.map"), "utf8")).not.toContain("here");
  expect(run({})).toMatch(/project\/src\/own\.ts:4:9/);
});

test("the image's ONNX Runtime is left to be imported from there", () => {
  expect(bundle({ "handler.ts": 'import "onnxruntime-node"; export default () => 1;' }).status).toBe(0);
  expect(readFileSync(join(folder, "out/handler.mjs"), "utf8")).toContain('import"onnxruntime-node"');
});

test("a CommonJS handler is one too", () => {
  expect(bundle({ "handler.js": "module.exports = () => 'common';" }, "handler.js").status).toBe(0);
  expect(run({})).toBe('"common"');
});

test("a syntax error is said with file, line and text", () => {
  const { status, said } = bundle({ "handler.ts": "export default () => {\n  const a = ;\n};\n" });
  expect({ status, said }).toEqual({
    status: 1,
    said: ["mkimage: handler.ts cannot be bundled", '  handler.ts:2:13: Unexpected ";"', "    const a = ;"],
  });
});

test("imports that lead nowhere are all said, those of packages with what to do", () => {
  const handler = 'import pad from "@a/pad/x";\nimport "./nope.ts";\nexport default () => pad;\n';
  expect(bundle({ "fn/handler.ts": handler }, "fn/handler.ts").said).toEqual([
    "mkimage: fn/handler.ts cannot be bundled",
    '  fn/handler.ts:1:17: Could not resolve "@a/pad/x"',
    '    import pad from "@a/pad/x";',
    "    packages need a package-lock.json beside the handler or above it: npm install @a/pad",
    '  fn/handler.ts:2:8: Could not resolve "./nope.ts"',
    '    import "./nope.ts";',
  ]);
  expect(bundle({ "package-lock.json": "{}" }, "fn/handler.ts").said).toContain(
    "    @a/pad is not among the dependencies of package-lock.json: npm install @a/pad",
  );
});

/** Packages with native code, each as npm installs its kind. */
const NATIVE = {
  "package-lock.json": JSON.stringify({
    packages: {
      "node_modules/pictures": { optionalDependencies: { "@img/pictures-linux-x64": "1" } },
      "node_modules/@img/pictures-linux-x64": { cpu: ["x64"], os: ["linux"] },
      "node_modules/watcher": { optionalDependencies: { fsevents: "1" } },
      "node_modules/fsevents": { os: ["darwin"] },
    },
  }),
  "node_modules/pictures/package.json": "{}",
  "node_modules/pictures/index.js":
    'const name = "@img/" + process.platform; module.exports = require(name);',
  "node_modules/@scope/database/package.json": "{}",
  "node_modules/@scope/database/binding.gyp": "{}",
  "node_modules/@scope/database/index.js": 'module.exports = require("bindings")("database.node")',
  "node_modules/hash/package.json": "{}",
  "node_modules/hash/index.js": 'module.exports = require("node-gyp-build")(__dirname)',
  "node_modules/hash/prebuilds/linux-x64/hash.node": "",
  "node_modules/wrapper/package.json": "{}",
  "node_modules/wrapper/index.js": 'let hash = null;\nhash = require("hash"); module.exports = hash;',
  "node_modules/wrapper/node_modules/inner/index.js": "",
  "node_modules/careful/package.json": "{}",
  "node_modules/careful/index.js":
    'let hash = () => "slow"; try { hash = require("hash"); } catch {}; module.exports = hash;',
  "node_modules/watcher/package.json": "{}",
  "node_modules/watcher/index.js": "module.exports = () => 1;",
};
const REMEDY =
  "has native code, and a handler's bundle is the same for all platforms: use a package in JavaScript or WebAssembly";

test.each([
  { name: "pictures", at: "handler.ts:2:8", line: 'import "pictures";' },
  { name: "@scope/database", at: "handler.ts:2:8", line: 'import "@scope/database";' },
  { name: "hash", at: "handler.ts:2:8", line: 'import "hash";' },
  {
    name: "hash",
    by: "wrapper",
    at: "node_modules/wrapper/index.js:2:16",
    line: 'hash = require("hash"); module.exports = hash;',
  },
])("a package with native code is refused with its line: $name by $at", ({ name, by = name, at, line }) => {
  const { status, said } = bundle({
    ...NATIVE,
    "handler.ts": `\nimport "${by}";\nexport default () => 1;\n`,
  });
  expect({ status, said }).toEqual({
    status: 1,
    said: [
      "mkimage: handler.ts cannot be bundled",
      `  ${at}: Could not resolve "${name}"`,
      `    ${line}`,
      `    ${name} ${REMEDY}`,
    ],
  });
});

test("a file with native code is refused with the line that imports it", () => {
  const handler = 'const addon = require("./addon.node");\nexport default () => addon;\n';
  const { said } = bundle({ "handler.ts": handler, "addon.node": "" });
  expect(said[1]).toMatch(/^ {2}handler\.ts:1:23: No loader is configured for "\.node" files: addon\.node$/);
  expect(said.at(-1)).toBe(`    a file *.node ${REMEDY}`);
});

test("a package that does without native code is bundled, and what is not imported does not matter", () => {
  const handler =
    'import hash from "careful"; import watch from "watcher"; export default async () => [hash(), watch()];';
  expect(bundle({ ...NATIVE, "handler.ts": handler })).toMatchObject({ status: 0, said: [""] });
  expect(JSON.parse(run({}))).toEqual(["slow", 1]);
});

test("an error is said in bounded lines", () => {
  const { said } = bundle({
    "handler.ts": `import "${"x".repeat(100_000)}"; const b = "${"y".repeat(100_000)}";`,
  });
  expect(said.length).toBeLessThan(6);
  for (const line of said) expect(line.length).toBeLessThan(220);
});

test("of many errors the first ones are said", () => {
  const imports = Array.from({ length: 9 }, (_, i) => `import "./${i}.ts";\n`).join("");
  const { said } = bundle({ "handler.ts": `${imports}export default () => 1;` });
  expect(said.at(-1)).toBe("  and 4 more");
  expect(said.length).toBeLessThan(20);
});

test("a module without a default export is refused with what it has", () => {
  const { status, said } = bundle({ "handler.ts": "export const handler = () => 1;" });
  expect(status).toBe(1);
  expect(said[0]).toBe("mkimage: handler.ts has no default export: it exports handler");
  expect(said.at(-1)).toContain('"handler": false');
});

test("the same sources give the same bytes, wherever they are", () => {
  const files = {
    "handler.ts": 'import "./a.ts"; export default () => 1;',
    "a.ts": "console.log(import.meta.url);",
  };
  bundle(files);
  const read = () =>
    ["handler.mjs", "handler.mjs.map"].map((name) => readFileSync(join(folder, "out", name), "utf8"));
  const [first, before] = [read(), folder];
  folder = mkdtempSync(join(tmpdir(), "mkimage-handler-"));
  bundle(files);
  expect(read()).toEqual(first);
  rmSync(before, { recursive: true });
});

test("without its arguments it is bad usage", () => {
  expect(spawnSync(process.execPath, [SCRIPT, "--project=/x"]).status).toBe(2);
});
