import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { lockModel } from "../../../../build/models/lock-model.ts";
import { type Lock, readLock, writeLock } from "../../../../build/models/lockfile.ts";
import { toManifest } from "../../../../build/models/manifest.ts";
import { readyModel } from "../../../../build/models/ready-model.ts";
import { listModels, loadSpec } from "../../../../build/models/specs.ts";
import { modelSpec } from "../../../../models/spec.ts";
import { temporaryFolder, writeTree } from "../../../support/folder.ts";
import { onnxFile } from "../../../support/onnx.ts";
import { refusal } from "../../../support/refusal.ts";

const SPEC = {
  task: "feature-extraction",
  source: "file:weights",
  files: {
    "tokenizer.json": "tokenizer.json",
    "model.onnx": "onnx/model.onnx",
    "other.txt": { source: "file:other", path: "a.txt" },
  },
  maxTokens: 128,
};
const WEIGHTS = {
  "weights/onnx/model.onnx": "weights",
  "weights/tokenizer.json": "{}",
  "other/a.txt": "other",
};
const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");

let project: string;
let cache: string;
const said: string[] = [];
const options = () => ({
  project,
  signal: new AbortController().signal,
  log: (line: string) => said.push(line),
});

beforeEach(async () => {
  said.length = 0;
  cache = await temporaryFolder();
  vi.stubEnv("MKIMAGE_CACHE", cache);
  project = await temporaryFolder({ "models/minilm.json": SPEC, ...WEIGHTS });
  vi.stubEnv("TMPDIR", await temporaryFolder());
});

async function lockProject(): Promise<Lock> {
  const minilm = await lockModel("minilm", await loadSpec(project, "minilm"), options());
  await writeLock(project, { models: { minilm }, bases: {} });
  return readLock(project);
}

/** The model of the project as it is now. */
const ready = async (lock: Lock) =>
  readyModel("minilm", { spec: await loadSpec(project, "minilm"), lock }, options());

/** Every file below the cache's trees: path in the tree → content. */
async function trees(): Promise<Record<string, string>> {
  const root = join(cache, "trees");
  const found: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile())
      found[path.split("/trees/")[1]?.replace(/^[^/]+\//, "") ?? ""] = await readFile(path, "utf8");
  }
  return found;
}

describe("specs", () => {
  test("are listed without the lock and without schemas", async () => {
    await writeTree(project, {
      "models/lock.json": {},
      "models/spec.schema.json": {},
      "models/b.json": {},
      "models/x.md": "",
    });
    expect((await listModels(project)).sort()).toEqual(["b", "minilm"]);
  });

  test("of a project without models/ are none", async () => {
    expect(await listModels(await temporaryFolder())).toEqual([]);
  });

  test("are read with their defaults", async () => {
    expect(await loadSpec(project, "minilm")).toEqual(modelSpec.parse(SPEC));
  });

  test("that are not there are refused with the missing file, the nearest name and the command that adds one", async () => {
    expect(await refusal(() => loadSpec(project, "minilmm"))).toMatchObject({
      exitCode: 2,
      message: 'Unknown model "minilmm": there is no models/minilmm.json',
      hint: 'Did you mean "minilm"? models/ has minilm. To add a model: mkimage models add hf:OWNER/NAME --name minilmm',
    });
    expect(await refusal(async () => loadSpec(await temporaryFolder(), "No name"))).toMatchObject({
      hint: "To add a model: mkimage models add hf:OWNER/NAME",
    });
  });

  test("that are not valid are refused with the file and the path in it", async () => {
    await writeTree(project, { "models/bad.json": { ...SPEC, pooling: "first" }, "models/broken.json": "{" });
    const bad = await refusal(() => loadSpec(project, "bad"));
    expect(bad.exitCode).toBe(2);
    expect(bad.message).toContain(`${join(project, "models", "bad.json")} is not valid\n  pooling: `);
    expect((await refusal(() => loadSpec(project, "broken"))).message).toContain("broken.json is not JSON");
  });
});

describe("locking", () => {
  test("notes source, path, size and sha256 of every file, sorted", async () => {
    const { files } = await lockModel("minilm", await loadSpec(project, "minilm"), options());
    expect(Object.entries(files)).toEqual([
      ["model.onnx", { source: "file:weights", path: "onnx/model.onnx", size: 7, sha256: sha256("weights") }],
      ["other.txt", { source: "file:other", path: "a.txt", size: 5, sha256: sha256("other") }],
      ["tokenizer.json", { source: "file:weights", path: "tokenizer.json", size: 2, sha256: sha256("{}") }],
    ]);
  });

  test("says what is fetched, one line per source", async () => {
    await lockProject();
    expect(said).toEqual([
      "minilm: fetching tokenizer.json, model.onnx from file:weights",
      "minilm: fetching other.txt from file:other",
    ]);
  });

  test("twice gives the same bytes", async () => {
    await lockProject();
    const text = await readFile(join(project, "models/lock.json"), "utf8");
    await lockProject();
    expect(await readFile(join(project, "models/lock.json"), "utf8")).toBe(text);
  });

  test("a file that is not there is refused and leaves the old lock", async () => {
    const before = await lockProject();
    await rm(join(project, "weights/tokenizer.json"));
    const error = await refusal(lockProject);
    expect(error).toMatchObject({
      exitCode: 2,
      message: `No file tokenizer.json in ${join(project, "weights")}`,
    });
    expect(await readLock(project)).toEqual(before);
  });
});

describe("making a model ready", () => {
  test("gives a folder with exactly its files and its manifest", async () => {
    const { dir, name } = await ready(await lockProject());
    expect(name).toBe("minilm");
    expect((await readdir(dir)).sort()).toEqual([
      "mkimage.json",
      "model.onnx",
      "other.txt",
      "tokenizer.json",
    ]);
    expect(await readFile(join(dir, "model.onnx"), "utf8")).toBe("weights");
    expect(JSON.parse(await readFile(join(dir, "mkimage.json"), "utf8"))).toEqual({
      name: "minilm",
      task: "feature-extraction",
      maxTokens: 128,
      pooling: "mean",
      normalize: true,
    });
  });

  test("fetches nothing that the cache has, so the source may be gone", async () => {
    const lock = await lockProject();
    said.length = 0;
    await rm(join(project, "weights"), { recursive: true });
    await rm(join(project, "other"), { recursive: true });
    await ready(lock);
    expect(said).toEqual([]);
  });

  test("fetches into an empty cache what the lock says", async () => {
    const lock = await lockProject();
    await rm(cache, { recursive: true });
    const { dir } = await ready(lock);
    expect(await readFile(join(dir, "tokenizer.json"), "utf8")).toBe("{}");
  });

  test("gives another folder when only the manifest differs", async () => {
    const lock = await lockProject();
    const { dir } = await ready(lock);
    await writeTree(project, { "models/minilm.json": { ...SPEC, pooling: "cls" } });
    const other = await ready(lock);
    expect(other.dir).not.toBe(dir);
    expect(other.spec.pooling).toBe("cls");
  });

  test("leaves no temporary file", async () => {
    await ready(await lockProject());
    expect(await readdir(process.env["TMPDIR"] ?? "")).toEqual([]);
  });

  test("a model that is not locked is refused with the command that locks it", async () => {
    expect(await refusal(() => ready({ about: "", models: {}, bases: {} }))).toMatchObject({
      exitCode: 2,
      message: 'Model "minilm" is not in models/lock.json',
      hint: "Run `mkimage lock` and commit models/lock.json.",
    });
  });

  test.each([
    { what: "a source that changed", change: { source: "file:weights2" }, path: "tokenizer.json" },
    {
      what: "a path that changed",
      change: { files: { ...SPEC.files, "model.onnx": "onnx/quantized.onnx" } },
      path: "model.onnx",
    },
    {
      what: "a file more",
      change: { files: { ...SPEC.files, "config.json": "config.json" } },
      path: "config.json",
    },
    {
      what: "a file less",
      change: { files: { "model.onnx": "onnx/model.onnx", "tokenizer.json": "tokenizer.json" } },
      path: "other.txt",
    },
  ])("a lock is stale after $what", async ({ change, path }) => {
    const lock = await lockProject();
    await writeTree(project, { "models/minilm.json": { ...SPEC, ...change } });
    expect(await refusal(() => ready(lock))).toMatchObject({
      exitCode: 2,
      message: `models/lock.json is stale: ${path} of model "minilm" has changed in its spec`,
      hint: "Run `mkimage lock` and commit models/lock.json.",
    });
  });

  test("a lock is not stale after a change of the spec's other fields", async () => {
    const lock = await lockProject();
    await writeTree(project, { "models/minilm.json": { ...SPEC, tolerance: 0.1, description: "other" } });
    expect((await ready(lock)).spec.tolerance).toBe(0.1);
  });

  test("a file that is not the locked one ends with exit code 1 and builds nothing", async () => {
    const lock = await lockProject();
    await rm(cache, { recursive: true });
    await writeFile(join(project, "weights/onnx/model.onnx"), "altered");
    const error = await refusal(() => ready(lock));
    expect(error.exitCode).toBe(1);
    expect(error.message).toBe(
      `model.onnx of model "minilm" has sha256 ${sha256("altered")}, the lock says ${sha256("weights")}`,
    );
    expect(error.hint).toContain("nothing was built");
    expect(await trees()).toEqual({});
  });

  test("a file that is not the locked one leaves the good folder and the lock as they were", async () => {
    const lock = await lockProject();
    const text = await readFile(join(project, "models/lock.json"), "utf8");
    await ready(lock);
    const before = await trees();
    await rm(join(cache, "blobs", "sha256", sha256("weights")));
    await writeFile(join(project, "weights/onnx/model.onnx"), "altered");
    await refusal(() => ready(lock));
    expect(await trees()).toEqual(before);
    expect(before["model.onnx"]).toBe("weights");
    expect(await readFile(join(project, "models/lock.json"), "utf8")).toBe(text);
  });

  test("content of another size in the cache is fetched again", async () => {
    const lock = await lockProject();
    await writeFile(join(cache, "blobs", "sha256", sha256("weights")), "we");
    const { dir } = await ready(lock);
    expect(await readFile(join(dir, "model.onnx"), "utf8")).toBe("weights");
  });
});

describe("what the model's own files say", () => {
  const STEPS = [
    { path: "", type: "sentence_transformers.models.Transformer" },
    { path: "1_Pooling", type: "sentence_transformers.models.Pooling" },
  ];
  const SIDE = {
    "weights/modules.json": STEPS,
    "weights/1_Pooling/config.json": { pooling_mode: "lasttoken" },
    "weights/config_sentence_transformers.json": { prompts: { query: "q: " }, default_prompt_name: "query" },
  };

  /** Puts files beside the model's, in its folder and among the files of its spec. */
  async function addFiles(files: Record<string, unknown>, change: object = {}): Promise<void> {
    const paths = Object.keys(files).map((path) => path.replace("weights/", ""));
    const named = Object.fromEntries(paths.map((path) => [path, path]));
    await writeTree(project, {
      ...files,
      "models/minilm.json": { ...SPEC, files: { ...SPEC.files, ...named }, ...change },
    });
  }

  const manifestIn = async (dir: string) => JSON.parse(await readFile(join(dir, "mkimage.json"), "utf8"));

  test("is heard where the spec is silent", async () => {
    await addFiles(SIDE);
    const { dir, spec } = await ready(await lockProject());
    const heard = {
      pooling: "lasttoken",
      normalize: false,
      prompts: { query: "q: " },
      defaultPromptName: "query",
    };
    expect(await manifestIn(dir)).toEqual({
      name: "minilm",
      task: "feature-extraction",
      maxTokens: 128,
      ...heard,
    });
    expect(spec).toMatchObject(heard);
  });

  test("is refused when it is locked, and when it is built, where the spec says otherwise", async () => {
    await addFiles(SIDE);
    const lock = await lockProject();
    await addFiles(SIDE, { pooling: "cls" });
    for (const action of [() => lockProject(), () => ready(lock)]) {
      const error = await refusal(action);
      expect(error.exitCode).toBe(2);
      expect(error.message).toContain('pooling "cls", and the model\'s own files say "lasttoken"');
    }
  });

  test("is refused where nobody does it, but not when the graph gives what all steps give", async () => {
    const dense = {
      ...SIDE,
      "weights/modules.json": [...STEPS, { path: "2", type: "sentence_transformers.models.Dense" }],
    };
    await addFiles(dense);
    expect((await refusal(lockProject)).message).toContain("Dense");
    const graph = onnxFile({ outputs: { token_embeddings: 3, sentence_embedding: 2 } });
    await writeFile(join(project, "weights/onnx/model.onnx"), graph);
    const { dir } = await ready(await lockProject());
    expect(await manifestIn(dir)).toMatchObject({
      outputs: { vectors: "sentence_embedding" },
      normalize: false,
    });
  });

  test("is read also from a cache that lacks some of the files", async () => {
    await addFiles(SIDE);
    const lock = await lockProject();
    const { sha256: id } = lock.models["minilm"]?.files["1_Pooling/config.json"] ?? {};
    await rm(join(cache, "blobs", "sha256", id ?? ""));
    await lockProject();
    expect((await ready(lock)).spec.pooling).toBe("lasttoken");
  });

  test("is read without the byte order mark that editors put before a text, and so goes into the image", async () => {
    const mark = "\uFEFF";
    await addFiles({
      "weights/tokenizer.json": `${mark}{"version":"1.0"}`,
      "weights/chat_template.jinja": `${mark}{{ messages }}`,
      "weights/1_Pooling/config.json": `${mark}{"pooling_mode":"cls"}`,
    });
    const spec = await readFile(join(project, "models/minilm.json"), "utf8");
    await writeFile(join(project, "models/minilm.json"), mark + spec);
    const lock = await lockProject();
    await writeFile(join(project, "models/lock.json"), mark + JSON.stringify(lock));
    const { dir } = await ready(await readLock(project));
    expect(await manifestIn(dir)).toMatchObject({ pooling: "cls" });
    expect(await readFile(join(dir, "tokenizer.json"), "utf8")).toBe('{"version":"1.0"}');
    expect(await readFile(join(dir, "chat_template.jinja"), "utf8")).toBe("{{ messages }}");
    expect((await ready(lock)).dir).toBe(dir);
  });
});

describe("a Git LFS pointer", () => {
  const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 9\n`;
  const says = 'model.onnx of model "minilm" (file:weights) is a Git LFS pointer';

  test("in place of a file is named when the model is locked", async () => {
    await writeFile(join(project, "weights/onnx/model.onnx"), POINTER);
    expect(await refusal(lockProject)).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(says),
      hint: expect.stringContaining("git lfs pull"),
    });
  });

  test("that is locked already is named when the model is built", async () => {
    const lock = await lockProject();
    const path = join(cache, "blobs", "sha256", sha256(POINTER));
    await writeFile(path, POINTER);
    const { files = {} } = lock.models["minilm"] ?? {};
    const pointer = { ...files["model.onnx"], size: POINTER.length, sha256: sha256(POINTER) };
    await writeTree(project, {
      "models/lock.json": { ...lock, models: { minilm: { files: { ...files, "model.onnx": pointer } } } },
    });
    const error = await refusal(async () => ready(await readLock(project)));
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(says) });
  });
});

test("the manifest has what the runtime needs and nothing of the tests", () => {
  const spec = modelSpec.parse({ ...SPEC, samples: [{ inputs: "x", expected: [1] }], license: "MIT" });
  expect(Object.keys(toManifest("minilm", spec))).toEqual([
    "name",
    "task",
    "maxTokens",
    "pooling",
    "normalize",
  ]);
});
