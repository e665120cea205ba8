import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test, vi } from "vitest";
import {
  loadProject,
  type PrepareOptions,
  prepareBuild,
  prepareBuilt,
  requireVersion,
} from "../../../../build/command-line/prepare.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";
import { tinyOnnx } from "../../../support/tiny-onnx.ts";
import { TINY_TOKENIZER } from "../../../support/tiny-tokenizer.ts";

const { signal } = new AbortController();
const sha256 = (text: string | Buffer) => createHash("sha256").update(text).digest("hex");
const FILES = {
  "mkimage.json": { functions: { embed: { model: "tiny" } }, os: ["alpine"], arch: ["arm64"] },
  "models/tiny.json": {
    task: "feature-extraction",
    source: "file:weights",
    files: { "model.onnx": "m.onnx" },
  },
};

/** A project in a repository of another user, and what mkimage says of it on stderr. */
async function strangersProject() {
  const folder = await temporaryFolder(FILES);
  await execa("git", ["init", "--quiet"], { cwd: folder });
  vi.stubEnv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
  const said: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((line) => said.push(String(line)) > 0);
  return { folder, said, args: { config: join(folder, "mkimage.json") } };
}

test("a revision that git refuses to tell is said, and the version is 0", async () => {
  const { args, said } = await strangersProject();
  const [image] = await prepareBuilt(args, signal);
  expect(image).toMatchObject({ version: "0" });
  expect(said.join("")).toMatch(
    /cannot be determined: .*dubious ownership.*; images get the version 0\n.*safe\.directory/,
  );
});

test("nothing is pushed as version 0 then, unless the version is given", async () => {
  const { args } = await strangersProject();
  const error = await refusal(async () => requireVersion(await loadProject(args)));
  expect(error).toMatchObject({ exitCode: 3, hint: expect.stringContaining("safe.directory") });
  requireVersion(await loadProject({ ...args, imageVersion: "1.0" }));
});

test("outside of git there is no revision to tell: the version is 0 and nothing is said", async () => {
  const folder = await temporaryFolder(FILES);
  vi.stubEnv("GIT_CEILING_DIRECTORIES", join(folder, ".."));
  const config = join(folder, "mkimage.json");
  requireVersion(await loadProject({ config }));
  expect(await prepareBuilt({ config }, signal)).toMatchObject([{ version: "0" }]);
});

describe("what an image is compared by", () => {
  /** Labels of the project's image with other files; `models/weights` is locked with what `locked` has for its content. */
  async function labelsWith(files: Record<string, unknown> = {}, locked = CONTENT) {
    vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
    const folder = await temporaryFolder({
      ...FILES,
      "package.json": { name: "shop" },
      "handler.ts": 'import "./lib/a.ts"; export default () => 1;',
      "lib/a.ts": "",
      "weights/m.onnx": "graph",
      "models/lock.json": { about: "", models: { tiny: { files: { "model.onnx": locked } } }, bases: {} },
      ...files,
    });
    const [image] = await prepareBuilt({ config: join(folder, "mkimage.json") }, signal);
    return image?.labels ?? {};
  }
  const CONTENT = { source: "file:weights", path: "m.onnx", size: 5, sha256: sha256("graph") };
  const spec = FILES["models/tiny.json"];

  /** The labels of ours that differ. */
  function difference(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((label) => a[label] !== b[label]);
  }

  test("is the same in every clone, whatever its folder is called", async () => {
    expect(difference(await labelsWith(), await labelsWith())).toEqual([]);
  });

  test.each([
    {
      changed: "the project's name",
      files: { "package.json": { name: "other" } },
      labels: ["mkimage.project", "mkimage.handler.digest"],
    },
    {
      changed: "a handler",
      files: { "handler.ts": "export default 2;" },
      labels: ["mkimage.handler.digest"],
    },
    { changed: "a module that it imports", files: { "lib/a.ts": "1" }, labels: ["mkimage.handler.digest"] },
    {
      changed: "what the runtime is told",
      files: { "models/tiny.json": { ...spec, maxTokens: 8 } },
      labels: ["mkimage.model.digest"],
    },
    {
      changed: "the content of a local file",
      files: { "weights/m.onnx": "other" },
      labels: ["mkimage.model.digest"],
    },
    {
      changed: "the spec's files",
      files: { "models/tiny.json": { ...spec, files: { "model.onnx": "n.onnx" } } },
      labels: ["mkimage.model.digest"],
    },
    {
      changed: "a sample and its tolerance",
      files: { "models/tiny.json": { ...spec, samples: [{ inputs: "a" }], tolerance: 1 } },
      labels: [],
    },
    {
      changed: "what no image has",
      files: { "README.md": "hello", "node_modules/a/index.js": "1", "lib/other.ts": "1" },
      labels: [],
    },
  ])("$changed: $labels", async ({ files, labels }) => {
    expect(difference(await labelsWith(), await labelsWith(files))).toEqual(labels);
  });

  test("a lock of other content is another model", async () => {
    const files = { "weights/m.onnx": "other" };
    const relocked = await labelsWith(files, { ...CONTENT, sha256: sha256("other") });
    expect(difference(await labelsWith(), relocked)).toEqual(["mkimage.model.digest"]);
    expect(difference(await labelsWith(files), relocked)).toEqual(["mkimage.model.digest"]);
  });
});

describe("the plan of a build", () => {
  const BUILDABLE = {
    ...FILES,
    "models/tiny.json": {
      ...FILES["models/tiny.json"],
      files: { "model.onnx": "m.onnx", "tokenizer.json": "tokenizer.json" },
      pooling: "mean",
      normalize: false,
      maxTokens: 8,
    },
    "weights/tokenizer.json": TINY_TOKENIZER,
  };

  /** A project with a cache of its own, and its plan. */
  async function buildable() {
    vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const folder = await temporaryFolder(BUILDABLE);
    await writeFile(join(folder, "weights/m.onnx"), tinyOnnx());
    const project = await loadProject({ config: join(folder, "mkimage.json") });
    const lock = join(folder, "models/lock.json");
    const prepare = (options: Partial<PrepareOptions> = {}) =>
      prepareBuild(project, { signal, frozen: false, ...options });
    return { folder, lock, prepare };
  }

  test("locks what is new, and has the models' files at hand, exactly those of the spec", async () => {
    const { lock, prepare } = await buildable();
    const [image] = await prepare();
    const { files } = JSON.parse(await readFile(lock, "utf8")).models.tiny;
    expect(files["model.onnx"]).toMatchObject({ sha256: sha256(tinyOnnx()), size: tinyOnnx().length });
    expect(image?.models[0].name).toBe("tiny");
    expect(await readFile(join(image?.models[0].dir ?? "", "model.onnx"))).toEqual(tinyOnnx());
  });

  test("made again is the same, and leaves the lock as it is, byte for byte", async () => {
    const { lock, prepare } = await buildable();
    const first = await prepare();
    const before = await readFile(lock, "utf8");
    expect(await prepare({ frozen: true, offline: true })).toEqual(first);
    expect(await readFile(lock, "utf8")).toBe(before);
  });

  test("with a lock that may not be changed and is none: exit 2, and none is written", async () => {
    const { lock, prepare } = await buildable();
    const error = await refusal(() => prepare({ frozen: true }));
    expect(error).toMatchObject({ exitCode: 2, hint: expect.stringContaining("mkimage lock") });
    await expect(readFile(lock)).rejects.toThrow("ENOENT");
  });

  test("of a model whose local file has changed since: exit 1 where the lock is frozen, else it is locked anew", async () => {
    const { folder, lock, prepare } = await buildable();
    await prepare();
    await writeFile(join(folder, "weights/m.onnx"), tinyOnnx({ opset: 12 }));
    expect((await refusal(() => prepare({ frozen: true }))).exitCode).toBe(1);
    await prepare();
    expect(await readFile(lock, "utf8")).toContain(sha256(tinyOnnx({ opset: 12 })));
  });

  test("where nothing may be fetched and the cache has nothing: exit 2, and what fetches it", async () => {
    const { prepare } = await buildable();
    await prepare();
    vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
    const error = await refusal(() => prepare({ offline: true }));
    expect(error).toMatchObject({ exitCode: 2, hint: expect.stringContaining("mkimage models fetch") });
  });

  test("has the same labels as the plan of the image when it exists", async () => {
    const { folder, prepare } = await buildable();
    const [built] = await prepare();
    const [existing] = await prepareBuilt({ config: join(folder, "mkimage.json") }, signal);
    expect(existing?.labels).toEqual(built?.labels);
    expect(existing?.reference).toBe(built?.reference);
  });
});
