import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readLayout } from "../../build/builder/oci.ts";
import { docker, removeImages } from "../support/engine.ts";
import { temporaryFolder } from "../support/folder.ts";
import { readLayer } from "../support/layers.ts";
import { mkimage, mkimageJson } from "../support/mkimage.ts";
import { MODEL, makeProject, type Project } from "../support/project.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];

let project: Project;
/** Names of the functions: one answers with handler.ts, one with another file, one with the default handling. */
let [own, other, plain] = ["", "", ""];

async function write(files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(project.folder, path)), { recursive: true });
    await writeFile(join(project.folder, path), text);
  }
}

const run = (...args: string[]) => mkimage(args, { cwd: project.folder });
const invoke = async (name: string, event: unknown): Promise<unknown> => {
  const args = ["invoke", ...CELL, "--function", name, JSON.stringify(event)];
  return (await mkimageJson<{ reply: unknown }>(args, { cwd: project.folder })).reply;
};
const idOf = (name: string) => docker("inspect", "--format", "{{.Id}}", `mkimage-test/${name}:debian-amd64`);

const HANDLER = `
import type { Handler, Init } from "mkimage/handler";
import { shout } from "local-words";
import prettyBytes from "pretty-bytes";
import { round } from "./lib/round.ts";

let names: string[] = [];
export const init: Init = ({ models }) => {
  names = models.map(({ name }) => name);
};

export default (async ({ text, fail }, { pipeline, next }) => {
  if (fail) throw new RangeError(shout(fail));
  const vector = await pipeline<number[]>({ inputs: text });
  const same = JSON.stringify(await next({ inputs: text })) === JSON.stringify(vector);
  return { first: round(vector[0]), size: prettyBytes(vector.length), names, same };
}) satisfies Handler<{ text: string; fail?: string }>;
`;

beforeAll(async () => {
  project = await makeProject();
  [own, other, plain] = [project.function, `${project.function}-b`, `${project.function}-c`];
  await project.writeConfig({
    repository: "mkimage-test/<function>",
    functions: {
      [own]: { model: MODEL, event: { text: "hello" } },
      [other]: { model: MODEL, handler: "src/other.mjs" },
      [plain]: { model: MODEL, handler: false, allow: { serverFacts: true, s3: ["s3://pictures/my cats"] } },
    },
  });
  await write({
    "handler.ts": HANDLER,
    "lib/round.ts": "export const round = (value = 0): number => Math.round(value * 1000) / 1000;\n",
    "src/other.mjs": "export default async (event, { next }) => ({ wrapped: (await next(event)).length });\n",
    "words/package.json": '{"name":"local-words","version":"1.0.0","type":"commonjs","main":"index.js"}',
    "words/index.js":
      'const { join } = require("path"); exports.shout = (text) => join(text.toUpperCase());\n',
    "package.json": '{"private":true,"dependencies":{"local-words":"file:words","pretty-bytes":"7.1.0"}}',
    ".env": "SECRET=do-not-send\n",
    ".env.local.json": '{"secret":"do-not-send"}',
  });
  await execa("npm", ["install", "--package-lock-only", "--no-audit", "--no-fund"], { cwd: project.folder });
  const { exitCode, stderr } = await run("build", ...CELL);
  expect(exitCode, stderr).toBe(0);
});

afterAll(async () => {
  for (const name of [other, plain]) await removeImages(name, `mkimage-test/${name}`);
  await project?.remove();
});

test("it answers with its own modules, a package, a package of the project's folder, and the model", async () => {
  expect(await invoke(own, { text: "hello" })).toEqual({
    first: expect.any(Number),
    size: "384 B",
    names: [MODEL],
    same: true,
  });
  expect(await invoke(other, { inputs: "hello" })).toEqual({ wrapped: 384 });
  expect(await invoke(plain, { inputs: "hello" })).toHaveLength(384);
});

test("what callers may ask for is the function's own: facts about the server, objects of S3", async () => {
  const ask = (name: string) => invoke(name, { inputs: "hello", parameters: { server: true } });
  expect(await ask(plain)).toMatchObject({ output: expect.any(Array), server: { model: MODEL } });
  await expect(ask(other)).rejects.toThrow(
    "BadRequest: parameters.server: this function is not configured to tell about its server",
  );
  const format = "{{range .Config.Env}}{{println .}}{{end}}";
  const variables = async (name: string) =>
    (await docker("inspect", "--format", format, `mkimage-test/${name}:debian-amd64`)).split("\n");
  expect(await variables(plain)).toContain("MKIMAGE_ALLOW_S3=s3://pictures/my cats");
  expect(await variables(other)).toContain("MKIMAGE_ALLOW_S3=");
});

test("what it throws ends invoke with its type and message", async () => {
  const { exitCode, stderr } = await run("invoke", ...CELL, "--function", own, '{"fail":"boom"}');
  expect(stderr).toContain("RangeError: BOOM");
  expect(exitCode).toBe(1);
});

describe("mkimage test", () => {
  test("compares the model without it, and has it answer", async () => {
    const { exitCode, stdout, stderr } = await run("test", ...CELL, "--json");
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { handler: "handler.ts", largestDifference: expect.closeTo(0, 3) },
      { handler: "src/other.mjs", largestDifference: expect.closeTo(0, 3) },
      { largestDifference: expect.closeTo(0, 3) },
    ]);
    expect(stderr).toContain(
      `note: mkimage-test/${own}:debian-amd64: handler.ts answers (replies not compared)`,
    );
  });

  test("fails when it answers with an error, and says what was sent", async () => {
    await project.writeConfig({
      repository: "mkimage-test/<function>",
      functions: { [own]: { model: MODEL, event: { text: "a", fail: "no" } } },
    });
    const { exitCode, stderr } = await run("test", ...CELL);
    expect(stderr).toContain('handler.ts answered {"text":"a","fail":"no"} with an error: RangeError: NO');
    expect(exitCode).toBe(1);
  });
});

describe("what is wrong with it", () => {
  test.each([
    {
      about: "a syntax error",
      code: "export default () => {\n  const a = ;\n};\n",
      says: ["handler.ts cannot be bundled", 'handler.ts:2:13: Unexpected ";"', "const a = ;"],
    },
    {
      about: "a package that is not installed",
      code: 'import x from "left-pad";\nexport default () => x;\n',
      says: ['handler.ts:1:15: Could not resolve "left-pad"', "npm install left-pad"],
    },
    {
      about: "no default export",
      code: "export const handler = () => 1;\n",
      says: ["handler.ts has no default export: it exports handler"],
    },
  ])("ends the build with file and line, and leaves the image: $about", async ({ code, says }) => {
    const before = await idOf(own);
    await write({ "handler.ts": code });
    const { exitCode, stdout, stderr } = await run("build", ...CELL, "--function", own);
    await write({ "handler.ts": HANDLER });
    for (const text of says) expect(stderr).toContain(text);
    expect(stderr).not.toContain("this is a bug");
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(await idOf(own)).toBe(before);
  });

  test("a lock that is not what package.json asks for is said with the package", async () => {
    const before = await readFile(join(project.folder, "package.json"), "utf8");
    await write({ "package.json": before.replace("7.1.0", "7.0.0") });
    const { exitCode, stderr } = await run("build", ...CELL, "--function", own);
    await write({ "package.json": before });
    expect(stderr).toContain(
      "mkimage: ./package-lock.json is not what package.json asks for: run npm install",
    );
    expect(stderr).toMatch(/^ {2}Invalid: .*pretty-bytes@7\.1\.0 does not satisfy pretty-bytes@7\.0\.0$/m);
    expect(exitCode).toBe(1);
  });

  test("a named file that is not there is bad usage", async () => {
    await project.writeConfig({ functions: { [own]: { model: MODEL, handler: "src/nope.ts" } } });
    const { exitCode, stderr } = await run("build", ...CELL);
    expect(stderr).toContain(join(project.folder, "src/nope.ts"));
    expect(exitCode).toBe(2);
  });

  test.each(["sharp@0.35.5", "better-sqlite3@13.2.0"])(
    "%s has native code: the line that imports it",
    async (wanted) => {
      const [name = "", version] = wanted.split("@");
      await write({
        "native/handler.mjs": `\nimport native from "${name}";\nexport default () => native;\n`,
        "native/package.json": JSON.stringify({ private: true, dependencies: { [name]: version } }),
      });
      const folder = join(project.folder, "native");
      await execa("npm", ["install", "--package-lock-only", "--no-audit", "--no-fund"], { cwd: folder });
      await project.writeConfig({ functions: { [own]: { model: MODEL, handler: "native/handler.mjs" } } });
      const { exitCode, stderr } = await run("build", ...CELL);
      expect(stderr).toContain(`native/handler.mjs:2:20: Could not resolve "${name}"`);
      expect(stderr).toContain(
        `${name} has native code, and a handler's bundle is the same for all platforms`,
      );
      expect(exitCode).toBe(1);
    },
  );
});

describe("its layer", () => {
  let layouts: string;
  const layoutOf = (name: string, arch = "amd64") => join(layouts, `${name}-debian-${arch}`);
  const digests = async (name: string, arch?: string) =>
    (await readLayout(layoutOf(name, arch))).layers.map(({ digest }) => digest);

  beforeAll(async () => {
    layouts = join(project.folder, "layouts");
    await project.writeConfig({
      functions: {
        [own]: { model: MODEL },
        [other]: { model: MODEL, handler: "src/other.mjs" },
        [plain]: { model: MODEL, handler: false },
      },
    });
    const { exitCode, stderr } = await run("build", "--os", "debian", "--output", `oci=${layouts}`);
    expect(exitCode, stderr).toBe(0);
  });
  afterAll(() => rm(layouts, { recursive: true, force: true }));

  test("is all that functions with different handlers do not share", async () => {
    const without = await digests(plain);
    for (const name of [own, other]) expect((await digests(name)).slice(0, -1)).toEqual(without);
    expect((await digests(own)).at(-1)).not.toBe((await digests(other)).at(-1));
  });

  test("is the same for both architectures", async () => {
    expect((await digests(own, "arm64")).at(-1)).toBe((await digests(own)).at(-1));
  });

  test("has one file and its map, with a fixed time, readable by all, and nothing of what is not source", async () => {
    const entries = await readLayer(layoutOf(own), (await digests(own)).at(-1) ?? "");
    const files = entries.filter(({ type }) => type === "file");
    expect(files.map(({ name }) => name).sort()).toEqual([
      "var/task/handler.mjs",
      "var/task/handler.mjs.map",
    ]);
    for (const { mode = 0, mtime, content } of files) {
      expect({ mode: mode & 0o444, mtime: mtime?.getTime() }).toEqual({ mode: 0o444, mtime: 0 });
      expect(content.toString()).not.toMatch(/do-not-send/);
      expect(content.toString()).not.toContain(project.folder);
    }
  });
});

test("nothing is sent to the builder but what is imported, and what npm reads", async () => {
  await write({ "service-account.json": "do-not-send", "lib/unused.ts": "", "words/more.js": "" });
  const { stdout } = await run("build", "--print", ...CELL, "--function", own);
  const { target } = JSON.parse(stdout) as { target: Record<string, { context: string }> };
  const [context = ""] = Object.entries(target).flatMap(([name, each]) =>
    name.startsWith("handler-") ? [each.context] : [],
  );
  const look = await temporaryFolder({ Dockerfile: "FROM scratch\nCOPY . .\n" });
  const output = `type=local,dest=${join(look, "seen")}`;
  await execa("docker", ["buildx", "build", "--file", join(look, "Dockerfile"), "--output", output, context]);
  const { stdout: found } = await execa("find", [".", "-type", "f"], { cwd: join(look, "seen") });
  expect(found.split("\n").sort()).toEqual([
    "./handler.ts",
    "./lib/round.ts",
    "./package-lock.json",
    "./package.json",
    "./words/index.js",
    "./words/package.json",
  ]);
});
