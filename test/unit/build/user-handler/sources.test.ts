import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gatherSources } from "../../../../build/user-handler/sources.ts";
import own from "../../../../package.json" with { type: "json" };
import runtime from "../../../../runtime/package.json" with { type: "json" };
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

const before = process.env["MKIMAGE_CACHE"];
let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), "mkimage-cache-"));
  process.env["MKIMAGE_CACHE"] = cache;
});
afterAll(async () => {
  if (before === undefined) delete process.env["MKIMAGE_CACHE"];
  else process.env["MKIMAGE_CACHE"] = before;
  await rm(cache, { recursive: true });
});

async function namesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(folder.length + 1))
    .sort();
}

const gather = (project: string, more: object = {}) =>
  gatherSources({ project, file: "handler.ts", ...more });
const sent = async (files: Record<string, unknown>, more: object = {}) =>
  namesIn(await gather(await temporaryFolder(files), more));

test("a builder gets what the handler imports, also through others, and nothing beside it", async () => {
  const files = {
    "handler.ts": `
      import "./lib/a.ts"; import labels from "./labels.json"; import table from "./table.csv" with { type: "text" };
      export default async (name) => [labels, table, require("./old.cjs"), await import(\`./locales/\${name}.ts\`)];`,
    "lib/a.ts": 'import "../lib/b";',
    "lib/b.ts": "export type B = 1;",
    "lib/unused.ts": "",
    "labels.json": "[]",
    "table.csv": "1,2",
    "old.cjs": "",
    "locales/en.ts": "",
    "locales/de.ts": "",
    "service-account.json": "secret",
    "mkimage.json": "{}",
    ".env": "secret",
    "notes.txt": "secret",
  };
  expect(await sent(files)).toEqual([
    "handler.ts",
    "labels.json",
    "lib/a.ts",
    "lib/b.ts",
    "locales/de.ts",
    "locales/en.ts",
    "old.cjs",
    "table.csv",
  ]);
});

test("settings that decide how it is bundled come with it, and what these extend", async () => {
  const files = {
    "src/handler.ts": 'import "@/lib/a";',
    "src/lib/a.ts": "",
    "src/tsconfig.json": '{ // of the sources\n "extends": "../base/tsconfig" }',
    "base/tsconfig.json":
      '{"extends":["./strict.json","../../outside.json"],"compilerOptions":{"paths":{"@/*":["../src/*"]}}}',
    "base/strict.json": "{}",
    "base/other.json": "{}",
    "src/lib/package.json": '{"type":"commonjs"}',
    "package.json": "{}",
    "other/package.json": "{}",
  };
  expect(await sent(files, { file: "src/handler.ts" })).toEqual([
    "base/strict.json",
    "base/tsconfig.json",
    "package.json",
    "src/handler.ts",
    "src/lib/a.ts",
    "src/lib/package.json",
    "src/tsconfig.json",
  ]);
});

const LOCK = {
  packages: {
    "": {
      workspaces: ["tools/*"],
      dependencies: { words: "file:words", packed: "file:packed.tgz", left: "1" },
    },
    words: { name: "words" },
    "tools/a": { name: "@own/a" },
    "node_modules/words": { resolved: "words", link: true },
    "node_modules/@own/a": { resolved: "tools/a", link: true },
    "node_modules/packed": { resolved: "file:packed.tgz" },
    "node_modules/left": { resolved: "https://registry.npmjs.org/left/-/left-1.0.0.tgz" },
  },
};
const WORKSPACE = {
  "fn/handler.ts":
    'import "words"; import "left"; import "@own/a/deep"; import "node:fs"; import "mkimage/handler";',
  "fn/package-lock.json": LOCK,
  "fn/package.json": "{}",
  "fn/words/package.json": '{"exports":{".":"./src/index.js"}}',
  "fn/words/src/index.js": 'require("./more")',
  "fn/words/src/more.js": "",
  "fn/words/secret.json": "{}",
  "fn/tools/a/package.json": '{"exports":{"./deep":"./lib/deep.js"}}',
  "fn/tools/a/lib/deep.js": "",
  "fn/packed.tgz": "",
};
const WORKSPACE_SENT = [
  "fn/handler.ts",
  "fn/package-lock.json",
  "fn/package.json",
  "fn/packed.tgz",
  "fn/tools/a/lib/deep.js",
  "fn/tools/a/package.json",
  "fn/words/package.json",
  "fn/words/src/index.js",
  "fn/words/src/more.js",
];

test("packages of the project come by what is imported of them, archives whole, others not", async () => {
  expect(await sent(WORKSPACE, { file: "fn/handler.ts", packages: "fn" })).toEqual(WORKSPACE_SENT);
});

test("what is installed beside the project changes nothing", async () => {
  const project = await temporaryFolder({
    ...WORKSPACE,
    "fn/node_modules/left/index.js": "",
    "fn/node_modules/left/package.json": "{}",
  });
  await symlink("../words", join(project, "fn/node_modules/words"));
  expect(await namesIn(await gather(project, { file: "fn/handler.ts", packages: "fn" }))).toEqual(
    WORKSPACE_SENT,
  );
});

test.each([
  ["../outside.ts", "handler.ts:2:8: "],
  ["./linked.ts", "handler.ts:2:8: linked.ts leads outside of the project's folder, to "],
  ["./folder/outside.ts", "handler.ts:2:8: folder/outside.ts leads outside of the project's folder, to "],
])("an import of %s from outside of the project is refused with file and line", async (path, says) => {
  const root = await temporaryFolder({ "outside.ts": "", "project/handler.ts": `\nimport "${path}";` });
  const project = join(root, "project");
  await symlink("../outside.ts", join(project, "linked.ts"));
  await symlink("..", join(project, "folder"));
  const error = await refusal(() => gather(project));
  expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(says) });
  expect(error.message).toContain(join(root, "outside.ts"));
});

test.each(["handler.ts", "package-lock.json"])(
  "a link to outside in place of %s is refused",
  async (name) => {
    const root = await temporaryFolder({ secret: "{}" });
    const project = join(root, "project");
    await mkdir(project);
    if (name !== "handler.ts")
      await symlink("../secret", join(project, "handler.ts")).then(() => rm(join(project, "handler.ts")));
    await symlink("../secret", join(project, name));
    const error = await refusal(() => gather(project, { packages: "." }));
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(`${name} leads outside`) });
  },
);

test("a local package outside of the project is refused", async () => {
  const lock = { packages: { "node_modules/a": { resolved: "../a", link: true } } };
  const root = await temporaryFolder({
    "p/handler.ts": "",
    "p/package-lock.json": lock,
    "a/package.json": "{}",
  });
  const error = await refusal(() => gather(join(root, "p"), { packages: "." }));
  expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining("a/package.json is outside") });
});

test("links within the project are followed", async () => {
  const project = await temporaryFolder({ "handler.ts": 'import "./link.ts";', "real/a.ts": "export {}" });
  await symlink("real/a.ts", join(project, "link.ts"));
  const folder = await gather(project);
  expect(await namesIn(folder)).toEqual(["handler.ts", "link.ts"]);
  expect(await readFile(join(folder, "link.ts"), "utf8")).toBe("export {}");
});

test("files whose names differ in how a letter is composed are two", async () => {
  const names = ["\u00e9.ts", "e\u0301.ts"];
  const files = Object.fromEntries(names.map((name) => [name, "export {}"]));
  const handler = names.map((name) => `import ${JSON.stringify(`./${name}`)};`).join("");
  expect(await sent({ ...files, "handler.ts": handler })).toEqual([...names, "handler.ts"].sort());
});

test.each([
  { files: ["a.ts"], path: "./A.ts" },
  { files: ["a.ts"], path: "./A" },
  { files: ["a.ts", "A.ts"], path: "./A.ts" },
  { files: ["lib/a.ts"], path: "./lib/A.ts" },
])(
  "an import of $path where there is $files is refused: esbuild takes one for the other",
  async ({ files, path }) => {
    const content = Object.fromEntries(files.map((name) => [name, ""]));
    const handler = `import "./${files[0]}"; import "${path}";`;
    const error = await refusal(() => sent({ ...content, "handler.ts": handler }));
    expect(error).toMatchObject({ exitCode: 2 });
    expect(error.message).toMatch(
      /handler\.ts:1:\d+: "\.\/(?:lib\/)?a(?:\.ts)?" names a file in another case, or one of two/i,
    );
  },
);

test("an error in the sources is left to the builder, with what is needed to say it", async () => {
  expect(await sent({ "handler.ts": 'import "./a.ts"; import "./no.ts";', "a.ts": "const = ;" })).toEqual([
    "a.ts",
    "handler.ts",
  ]);
});

test("the same sources are one folder, whatever lies beside them", async () => {
  const folder = await gather(await temporaryFolder({ "handler.ts": "1" }));
  expect(await gather(await temporaryFolder({ "handler.ts": "1", "b.ts": "" }))).toBe(folder);
  expect(await gather(await temporaryFolder({ "handler.ts": "2" }))).not.toBe(folder);
});

test("imports are found by the esbuild that bundles them", () => {
  expect(own.dependencies.esbuild).toBe(runtime.devDependencies.esbuild);
});
