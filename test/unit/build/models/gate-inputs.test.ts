import { expect, test } from "vitest";
import { locateSamples, readSamples } from "../../../../build/models/gate-inputs.ts";
import { modelSpec } from "../../../../models/spec.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

const spec = modelSpec.parse({
  task: "feature-extraction",
  source: "file:weights",
  files: { "model.onnx": "model.onnx" },
  samples: [{ inputs: "hello world", expected: [1, 0] }],
});

test("the gate asks what the samples ask, then each line of the file of texts", async () => {
  const project = await temporaryFolder({ "models/texts/a.txt": "one\r\ntwo \n\n  \nthree" });
  expect(await readSamples(project, { ...spec, texts: "texts/a.txt" })).toEqual([
    "hello world",
    "one",
    "two ",
    "three",
  ]);
  expect(await readSamples(project, spec)).toEqual(["hello world"]);
});

test.each([
  { task: "question-answering", inputs: { question: "q", context: "c" }, asked: [["q", "c"]] },
  { task: "question-answering", inputs: [{ question: "q", context: "c" }], asked: [["q", "c"]] },
  {
    task: "sentence-similarity",
    inputs: { source_sentence: "a", sentences: ["b", "c"] },
    asked: ["a", "b", "c"],
  },
  { task: "text-classification", inputs: { text: "a", text_pair: "b" }, asked: [["a", "b"]] },
  { task: "text-classification", inputs: ["a", { text: "b" }], asked: ["a", "b"] },
  { task: "text-generation", inputs: [{ role: "user", content: "hi" }], asked: ["hi"] },
  { task: "fill-mask", inputs: ["a", "b"], asked: ["a", "b"] },
])("of $inputs the gate of $task asks $asked", async ({ task, inputs, asked }) => {
  const other = modelSpec.parse({ ...spec, task, samples: [{ inputs, expected: "x" }] });
  expect(await readSamples("/project", other)).toEqual(asked);
});

test("a model that reads images is asked noise, whatever its samples are", async () => {
  const images = modelSpec.parse({
    ...spec,
    task: "image-classification",
    files: { ...spec.files, "preprocessor_config.json": "p.json" },
    samples: [{ inputs: { image: "texts/cat.png" } }, { inputs: [{ image: "dog.png" }] }],
  });
  const asked = await readSamples("/project", { ...images, texts: "texts/none.txt" });
  expect(asked).toHaveLength(16);
  expect(new Set(asked).size).toBe(16);
  expect((await locateSamples("/project", images)).samples).toEqual([
    { inputs: { image: "/project/models/texts/cat.png" } },
    { inputs: [{ image: "/project/models/dog.png" }] },
  ]);
});

test("a file of texts that is not there is refused with the field that names it", async () => {
  const error = await refusal(() => readSamples("/project", { ...spec, texts: "texts/b.txt" }));
  expect(error.exitCode).toBe(2);
  expect(error.message).toContain("Cannot read /project/models/texts/b.txt");
  expect(error.hint).toContain("`texts`");
});

test("a gate may name some figures; the others have their defaults", () => {
  const { gate } = modelSpec.parse({ ...spec, gate: { cosine: 0.99 } });
  expect(gate).toEqual({ cosine: 0.99, agreement: 0.95, shift: 0.2, kl: 0.1 });
  expect(modelSpec.safeParse({ ...spec, gate: { cosine: 2 } }).success).toBe(false);
  expect(modelSpec.safeParse({ ...spec, gate: { accuracy: 1 } }).success).toBe(false);
});
