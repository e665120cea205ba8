import { mkdir, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { findHandler, HANDLER_FILES } from "../../../../build/config/user-handler.ts";
import { temporaryFolder, writeTree } from "../../../support/folder.ts";
import { configOf } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";

const find = async (files: Record<string, string>, named?: string | false) => {
  const project = await temporaryFolder(files);
  const found = await findHandler(project, "embed", { named });
  expect(found?.project).toBe(found && project);
  return (
    found && {
      file: found.file,
      packages: found.packages,
      npmrc: found.npmrc && relative(project, found.npmrc),
    }
  );
};

describe("without a name", () => {
  test.each(HANDLER_FILES)("%s beside mkimage.json is the handler", async (file) => {
    expect(await find({ [file]: "" })).toEqual({ file, packages: undefined });
  });

  test("of several the TypeScript source counts", async () => {
    expect(await find({ "handler.js": "", "handler.ts": "" })).toMatchObject({ file: "handler.ts" });
  });

  test("a project without one has none, nor one with a folder of that name", async () => {
    expect(await find({ "src/handler.ts": "" })).toBeUndefined();
    const project = await temporaryFolder();
    await mkdir(join(project, "handler.ts"));
    expect(await findHandler(project, "embed", { named: undefined })).toBeUndefined();
  });
});

describe("by name", () => {
  test.each(["src/embed.ts", "./src/embed.ts", "src/../src/embed.ts"])("%s is found", async (named) => {
    expect(await find({ "src/embed.ts": "", "handler.ts": "" }, named)).toMatchObject({
      file: "src/embed.ts",
    });
  });

  test("false is none", async () => {
    expect(await find({ "handler.ts": "" }, false)).toBeUndefined();
  });

  test("a file that is not there is refused with its path", async () => {
    const project = await temporaryFolder({ "handler.ts": "" });
    const error = await refusal(() => findHandler(project, "embed", { named: "src/embed.ts" }));
    expect(error).toMatchObject({
      exitCode: 2,
      message: `functions.embed.handler: there is no file ${join(project, "src/embed.ts")}`,
    });
  });

  test.each(["../embed.ts", "/tmp/embed.ts", "..ts/../../embed.ts", "node_modules/a/b.ts"])(
    "%s is refused: it is not the project's own",
    async (named) => {
      const project = await temporaryFolder({ "node_modules/a/b.ts": "" });
      const error = await refusal(() => findHandler(project, "embed", { named }));
      expect(error).toMatchObject({ exitCode: 2 });
      expect(error.message).toContain(`${named} is not among the sources of ${project}`);
    },
  );
});

test.each(["handler.ts", "package-lock.json", ".npmrc", "src"])(
  "%s that is a link out of the project is refused",
  async (name) => {
    const outer = await temporaryFolder({ "other/handler.ts": "", "project/x": "" });
    const project = join(outer, "project");
    const own = { "handler.ts": "", "package-lock.json": "{}", ".npmrc": "" };
    await writeTree(
      outer,
      Object.fromEntries(Object.entries(own).map(([at, text]) => [`other/${at}`, text])),
    );
    const files = Object.entries(own).filter(([at]) => at !== name);
    await writeTree(project, Object.fromEntries(files));
    await symlink(name === "src" ? "../other" : `../other/${name}`, join(project, name));
    const named = name === "src" ? "src/handler.ts" : undefined;
    expect(await refusal(() => findHandler(project, "embed", { named }))).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^functions\.embed\.handler: .* is outside of the project: .*\/other\//),
    });
  },
);

test.each([
  { locks: ["package-lock.json"], packages: "." },
  { locks: ["a/package-lock.json", "package-lock.json"], packages: "a" },
  { locks: ["a/b/package-lock.json", "package-lock.json"], packages: "a/b" },
  { locks: ["a/c/package-lock.json"], packages: undefined },
])("the nearest package-lock.json counts: $locks", async ({ locks, packages }) => {
  const files = Object.fromEntries(locks.map((lock) => [lock, "{}"]));
  expect(await find({ ...files, "a/b/own.ts": "" }, "a/b/own.ts")).toEqual({ file: "a/b/own.ts", packages });
});

test("npm's settings beside the lock go with the packages, and others do not", async () => {
  const files = { "a/own.ts": "", "a/package-lock.json": "{}", ".npmrc": "" };
  expect(await find(files, "a/own.ts")).toEqual({ file: "a/own.ts", packages: "a" });
  expect(await find({ ...files, "a/.npmrc": "" }, "a/own.ts")).toEqual({
    file: "a/own.ts",
    packages: "a",
    npmrc: "a/.npmrc",
  });
});

describe("in mkimage.json", () => {
  const file = {
    functions: {
      a: { model: "minilm" },
      b: { model: "minilm", handler: "b.mjs", event: { text: "hi" } },
      c: { model: "minilm", handler: false },
    },
  };

  test("each function has the one it names, else the project's", async () => {
    const { functions, project } = await configOf(file, {}, { "handler.ts": "", "b.mjs": "" });
    expect(functions.map(({ handler, event }) => ({ handler, event }))).toEqual([
      { handler: { project, file: "handler.ts" }, event: undefined },
      { handler: { project, file: "b.mjs" }, event: { text: "hi" } },
      { handler: undefined, event: undefined },
    ]);
  });

  test("a missing one is refused, unless another function is chosen", async () => {
    expect(await refusal(() => configOf(file))).toMatchObject({ exitCode: 2 });
    expect((await configOf(file, { function: "a" })).functions).toHaveLength(1);
  });

  test.each([
    { handler: "handler.py", says: "expected a path such as handlers/embed.ts" },
    { handler: true, says: "functions.a.handler" },
    { handler: null, says: "functions.a.handler" },
  ])("$handler is refused", async ({ handler, says }) => {
    const error = await refusal(() => configOf({ functions: { a: { model: "minilm", handler } } }));
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(says) });
  });
});
