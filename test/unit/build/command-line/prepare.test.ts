import { createHash } from "node:crypto";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test, vi } from "vitest";
import { loadProject, prepareBuilt, requireVersion } from "../../../../build/command-line/prepare.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

const { signal } = new AbortController();
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
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
