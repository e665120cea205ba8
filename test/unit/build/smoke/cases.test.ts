import { join } from "node:path";
import { expect, test } from "vitest";
import type { QUANTIZATIONS } from "../../../../build/catalog.ts";
import { locateSamples } from "../../../../build/models/gate-inputs.ts";
import { toVariant } from "../../../../build/plan/variant.ts";
import { testCasesOf } from "../../../../build/smoke/cases.ts";
import { type ModelSpec, modelSpec } from "../../../../models/spec.ts";
import { TASKS, type Task } from "../../../../models/tasks.ts";
import { budgetOf } from "../../../../runtime/image-processing/budget.ts";
import { decode } from "../../../../runtime/image-processing/decode.ts";
import { newWork } from "../../../../runtime/request/work.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";
import { sharp } from "../../runtime/image-processing/files.ts";

const IMAGES = modelSpec.parse({
  task: "image-classification",
  source: "file:weights",
  files: { "model.onnx": "model.onnx", "preprocessor_config.json": "preprocessor_config.json" },
});
const TEXTS = modelSpec.parse({
  task: "feature-extraction",
  source: "file:weights",
  files: { "model.onnx": "model.onnx" },
});

const variantOf = (spec: ModelSpec, quantization: keyof typeof QUANTIZATIONS = "fp32") =>
  toVariant(
    { name: "m", spec, digest: "", samplesDigest: "", dir: "", samples: "" },
    { quantization, arch: "amd64" },
  );
const summary = (text: string) => ({ summary_text: text });
const written = (text: string) => ({ generated_text: text });
const reply = (...scores: number[]) => JSON.stringify(scores.map((score, i) => ({ label: `L${i}`, score })));

test("a model of texts without samples is asked something all the same", async () => {
  const [question, ...others] = await testCasesOf(variantOf(TEXTS));
  expect(question?.event).toEqual({ inputs: "hello world" });
  expect(question?.check("[0.6,0.8]")).toBe(0);
  expect(others).toEqual([]);
});

const FILES = {
  "model.onnx": "a",
  "encoder_model.onnx": "a",
  "decoder_model_merged.onnx": "a",
  "preprocessor_config.json": "a",
};
const specOf = (task: Task, rest: object = {}) =>
  modelSpec.parse({ task, source: "file:weights", files: FILES, ...rest });

test.each(Object.keys(TASKS) as Task[])(
  "what %s is asked of our own is what its schema takes",
  async (task) => {
    const [question] = await testCasesOf(variantOf(specOf(task)));
    const { inputs, parameters } = question?.event ?? { inputs: undefined };
    // A picture of ours goes out as it is; in a spec it is a file.
    if (task !== "image-classification") specOf(task, { samples: [{ inputs, parameters }] });
    else expect(typeof inputs).toBe("string");
  },
);

test("an answer that is none is refused with the model's name, our question and how it begins", async () => {
  const [question] = await testCasesOf(variantOf(specOf("fill-mask")));
  const body = '{"errorType":"BadRequest","errorMessage":"inputs: there is no <m> in it"}';
  const error = await refusal(() => question?.check(body));
  expect(error.exitCode).toBe(1);
  expect(error.message).toBe(
    'm, asked {"inputs":"The capital of France is [MASK] <mask>."} since its spec has no samples: ' +
      `The answer is an error; the answer begins: ${body}`,
  );
});

test("of a long answer the error quotes the beginning only", async () => {
  const [question] = await testCasesOf(variantOf(TEXTS));
  const error = await refusal(() => question?.check("x".repeat(10_000)));
  expect(error.message).toContain("The answer is not JSON; the answer begins: xxx");
  expect(error.message.length).toBeLessThan(400);
});

test("a sample is sent with its parameters, and the reply compared with the expected one", async () => {
  const inputs = { question: "Where?", context: "In Berlin." };
  const expected = { score: 0.5, start: 3, end: 9, answer: "Berlin" };
  const samples = [{ inputs, parameters: { top_k: 1 }, expected }];
  const [question] = await testCasesOf(variantOf(specOf("question-answering", { samples })));
  expect(question?.event).toEqual({ inputs, parameters: { top_k: 1 } });
  expect(question?.check(JSON.stringify({ ...expected, score: 0.5004 }))).toBeCloseTo(0.0004, 10);
  const far = await refusal(() => question?.check(JSON.stringify({ ...expected, score: 0.7 })));
  expect(far.message).toContain("m, sample 1: answer.score is 0.7, expected 0.5: 0.200 away");
  const other = { score: 0.5, start: 0, end: 2, answer: "In" };
  const wrong = await refusal(() => question?.check(JSON.stringify(other)));
  expect(wrong.message).toContain('answer.answer is "In", expected "Berlin"');
});

test("of a quantized model nothing is compared that its gate does not promise", async () => {
  const samples = [{ inputs: "a", expected: [{ generated_text: "a b" }] }];
  const spec = specOf("text-generation", { samples });
  const body = JSON.stringify([{ generated_text: "a c" }]);
  await refusal(async () => (await testCasesOf(variantOf(spec)))[0]?.check(body));
  const [int8] = await testCasesOf(variantOf(spec, "int8"));
  expect(int8?.check(body)).toBe(0);
  await refusal(() => int8?.check("[]"));
});

test.each<{ task: Task; inputs: unknown; good: unknown; bad: unknown }>([
  { task: "feature-extraction", inputs: ["a", "b"], good: [[1], [1]], bad: [[1]] },
  {
    task: "text-classification",
    inputs: "a",
    good: [[{ label: "x", score: 1 }]],
    bad: [{ label: "x", score: 1 }],
  },
  { task: "summarization", inputs: ["a", "b"], good: ["c", "d"].map(summary), bad: [summary("c")] },
  { task: "text-generation", inputs: ["a"], good: [[written("a b")]], bad: [written("a b")] },
  {
    task: "text-generation",
    inputs: [{ role: "user", content: "a" }],
    good: [written("b")],
    bad: [[written("b")]],
  },
])("$task, asked $inputs: an answer for each", async ({ task, inputs, good, bad }) => {
  const [question] = await testCasesOf(variantOf(specOf(task, { samples: [{ inputs }] })));
  expect(question?.check(JSON.stringify(good))).toBe(0);
  await refusal(() => question?.check(JSON.stringify(bad)));
});

test("of a list of vectors each is compared", async () => {
  const samples = [{ inputs: ["a", "b"], expected: [[1], [-1]] }];
  const [question] = await testCasesOf(variantOf(specOf("feature-extraction", { samples })));
  expect(question?.check("[[1],[-1]]")).toBe(0);
  const error = await refusal(() => question?.check("[[1],[1]]"));
  expect(error.message).toContain("2.00 away from the expected one");
});

test("of a quantized model the cosine counts, of one that is kept every number", async () => {
  const spec = { ...TEXTS, samples: [{ inputs: "a", expected: [0.8, 0.6] }] };
  const [int8] = await testCasesOf(variantOf({ ...spec, gate: { ...spec.gate, cosine: 0.9 } }, "int8"));
  expect(int8?.check("[0.6,0.8]")).toBeCloseTo(0.2);
  const [fp32] = await testCasesOf(variantOf(spec));
  await refusal(() => fp32?.check("[0.6,0.8]"));
});

test("a model of images without samples is sent a picture, and all its classes are asked for", async () => {
  const [question] = await testCasesOf(variantOf(IMAGES));
  const { inputs, parameters } = (question?.event ?? {}) as { inputs: string; parameters: object };
  expect(parameters).toEqual({ top_k: 1_000_000, function_to_apply: "softmax" });
  const picture = await decode(sharp, Buffer.from(inputs, "base64"), {
    field: "inputs",
    budget: budgetOf({}),
    work: newWork(() => {}),
  });
  expect([picture.width, picture.height]).toEqual([64, 64]);
  expect(new Set(picture.data).size).toBeGreaterThan(50);
  expect(question?.check(reply(0.9, 0.1))).toBe(0);
  await refusal(() => question?.check("[0.6,0.8]"));
});

test("a sample's image is a file in models/, its scores those of the reference, unless it is quantized", async () => {
  const project = await temporaryFolder({ "models/texts/cat.png": "the file" });
  const spec = { ...IMAGES, samples: [{ inputs: { image: "texts/cat.png" }, expected: [0.6] }] };
  const located = await locateSamples(project, spec);
  const [fp32] = await testCasesOf(variantOf(located));
  expect(fp32?.event).toMatchObject({ inputs: Buffer.from("the file").toString("base64") });
  await refusal(() => fp32?.check(reply(0.9, 0.1)));
  const [int8] = await testCasesOf(variantOf(located, "int8"));
  expect(int8?.check(reply(0.9, 0.1))).toBe(0);
});

test("an image that is not there is refused with the field that names it", async () => {
  const spec = { ...IMAGES, samples: [{ inputs: { image: join("/nowhere", "cat.png") } }] };
  const error = await refusal(() => testCasesOf(variantOf(spec)));
  expect(error.exitCode).toBe(2);
  expect(error.message).toContain("Cannot read /nowhere/cat.png");
  expect(error.hint).toContain("`samples`");
});
