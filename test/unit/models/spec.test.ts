import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lockSchema, modelSpec, NAME } from "../../../models/spec.ts";

const SPEC = { task: "feature-extraction", source: "file:weights", files: { "model.onnx": "model.onnx" } };

const IMAGES = {
  ...SPEC,
  task: "image-classification",
  files: { ...SPEC.files, "preprocessor_config.json": "preprocessor_config.json" },
};

/** Paths and messages of what is wrong with a spec. */
const faults = (spec: unknown) =>
  (modelSpec.safeParse(spec).error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);

test("a spec that says only what is required gets the defaults", () => {
  expect(modelSpec.parse(SPEC)).toMatchObject({
    ...SPEC,
    maxTokens: 512,
    samples: [],
    tolerance: 1e-3,
  });
});

test("a model that reads images has images as samples", () => {
  const samples = [{ inputs: { image: "texts/cat.png" }, expected: [0.9] }];
  expect(modelSpec.parse({ ...IMAGES, samples }).samples).toEqual(samples);
});

test.each([
  { task: "question-answering", inputs: { question: "q", context: "c" }, expected: { score: 1 } },
  { task: "sentence-similarity", inputs: { source_sentence: "a", sentences: ["b"] }, expected: [1] },
  { task: "text-generation", inputs: [{ role: "user", content: "hi" }], parameters: { max_new_tokens: 2 } },
  { task: "text-generation", inputs: ["a", [{ role: "user", content: "hi" }]] },
  { task: "fill-mask", inputs: ["a [MASK]", "b [MASK]"] },
  { task: "feature-extraction", inputs: ["a", "b"], expected: [[1], [1]] },
])("a sample of $task may be $inputs", ({ task, ...sample }) => {
  expect(modelSpec.parse({ ...SPEC, task, samples: [sample] }).samples).toEqual([sample]);
});

test.each([
  { task: "question-answering", inputs: "where?", says: "expected { question, context }, or a list of that" },
  {
    task: "question-answering",
    inputs: { question: "q" },
    says: "Invalid input: expected what the task takes",
  },
  { task: "sentence-similarity", inputs: ["a"], says: "expected { source_sentence, sentences }" },
  { task: "text-generation", inputs: [{ role: "user" }], says: "expected a text or messages" },
  { task: "fill-mask", inputs: { question: "q", context: "c" }, says: "expected a text, or a list of that" },
  { task: "fill-mask", inputs: [], says: "expected a text, or a list of that" },
])("a sample of $task may not be $inputs", ({ task, inputs, says }) => {
  const found = faults({ ...SPEC, task, samples: [{ inputs }] });
  expect(found).toEqual([expect.stringContaining(`samples.0.inputs: ${says}`)]);
});

test("a file may come from another source", () => {
  const files = {
    "model.onnx": { source: "pypi:weights@1.0", path: "a/b.onnx" },
    "tokenizer.json": "tokenizer.json",
  };
  expect(modelSpec.parse({ ...SPEC, files }).files).toEqual(files);
});

describe("is refused", () => {
  test.each([
    { spec: { ...SPEC, task: "fill-masks" }, says: "task: Invalid" },
    { spec: { ...SPEC, source: undefined }, says: "source: " },
    { spec: { ...SPEC, files: { "m.onnx": "x" } }, says: "files: expected a file named model.onnx" },
    {
      spec: { ...SPEC, files: { ...SPEC.files, "mkimage.json": "x" } },
      says: "files: expected no file named mkimage.json: it is generated",
    },
    { spec: { ...SPEC, maxTokens: 0 }, says: "maxTokens: Too small: expected number to be >0" },
    { spec: { ...SPEC, pooling: "first" }, says: "pooling: Invalid input: expected one of cls, max, mean, " },
    { spec: { ...SPEC, pooling: [] }, says: "pooling: Too small: expected array to have >=1 items" },
    {
      spec: { ...SPEC, prompts: { query: "" }, defaultPromptName: "passage" },
      says: "defaultPromptName: expected the name of one of `prompts`",
    },
    { spec: { ...SPEC, tolerance: 0 }, says: "tolerance: Too small: expected number to be >0" },
    { spec: { ...SPEC, normalise: true }, says: ': Unrecognized key: "normalise"' },
    {
      spec: { ...SPEC, samples: [{ input: "x" }] },
      says: "samples.0.inputs: Invalid input",
    },
    {
      spec: { ...SPEC, samples: [{ inputs: "x" }, { inputs: { image: "cat.png" } }] },
      says: "samples.1.inputs: expected a text",
    },
    {
      spec: { ...IMAGES, samples: [{ inputs: "x" }] },
      says: "samples.0.inputs: expected the path of an image",
    },
    {
      spec: { ...IMAGES, files: SPEC.files },
      says: "files: expected a file named preprocessor_config.json",
    },
    {
      spec: { ...SPEC, samples: [{ inputs: "x", expected: ["1"] }] },
      says: "samples.0.expected.0: Invalid input: expected number, received string",
    },
  ])("$says", ({ spec, says }) => {
    expect(faults(spec)).toContainEqual(expect.stringContaining(says));
  });

  test.each([
    "/etc/passwd",
    "..",
    ".",
    "",
    "../x",
    "a/../b",
    "a/..",
    "./a",
    "a/./b",
    "a//b",
    "a/",
    "a\n/../../b",
    "a\0b",
  ])("the path %j, as a place in the image and as one in the source", (path) => {
    expect(faults({ ...SPEC, files: { ...SPEC.files, [path]: "x" } })).not.toEqual([]);
    expect(faults({ ...SPEC, files: { ...SPEC.files, x: path } })).not.toEqual([]);
    expect(faults({ ...SPEC, files: { ...SPEC.files, x: { source: "file:w", path } } })).not.toEqual([]);
  });
});

test.each(["a", "a/b/c.json", "..a", "a..b", ".hidden", "a b", "ä"])("the path %j is taken", (path) => {
  expect(faults({ ...SPEC, files: { ...SPEC.files, [path]: path } })).toEqual([]);
});

test.each([
  ["all-minilm-l6-v2", true],
  ["bge-small.en", true],
  ["a_b", true],
  ["7b", true],
  ["A", false],
  ["a--b", false],
  ["-a", false],
  ["a/b", false],
  ["..", false],
  ["", false],
])("whether %j is a name: %s", (name, valid) => {
  expect(NAME.test(name)).toBe(valid);
});

describe("what the repository has", () => {
  const models = join(import.meta.dirname, "../../../models");
  const read = async (file: string) => JSON.parse(await readFile(join(models, file), "utf8"));

  test("specs are valid, and each one is locked", async () => {
    const lock = lockSchema.parse(await read("lock.json"));
    const specs = (await readdir(models)).filter(
      (file) => /\.json$/.test(file) && !/^lock|schema/.test(file),
    );
    expect(specs.length).toBeGreaterThan(0);
    for (const file of specs) {
      const spec = modelSpec.parse(await read(file));
      const locked = lock.models[file.replace(/\.json$/, "")]?.files ?? {};
      expect(Object.keys(locked).sort()).toEqual(Object.keys(spec.files).sort());
    }
  });
});
