import { join } from "node:path";
import { expect, test } from "vitest";
import type { QUANTIZATIONS } from "../../../build/catalog.ts";
import { questionsOf } from "../../../build/questions.ts";
import { locateSamples } from "../../../build/samples.ts";
import { toVariant } from "../../../build/variants.ts";
import { type ModelSpec, modelSpec } from "../../../models/spec.ts";
import { decode } from "../../../runtime/images/decode.ts";
import { sharp } from "../runtime/images/files.ts";
import { temporaryFolder } from "./folder.ts";
import { refusal } from "./refusal.ts";

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
  toVariant({ name: "m", spec, dir: "", samples: "" }, { quantization, arch: "amd64" });
const reply = (...scores: number[]) => JSON.stringify(scores.map((score, i) => ({ label: `L${i}`, score })));

test("a model of texts without samples is asked something all the same", async () => {
  const [question, ...others] = await questionsOf(variantOf(TEXTS));
  expect(question?.event).toEqual({ inputs: "hello world" });
  expect(question?.check("[0.6,0.8]")).toBe(0);
  expect(others).toEqual([]);
});

test("of a quantized model the cosine counts, of one that is kept every number", async () => {
  const spec = { ...TEXTS, samples: [{ inputs: "a", expected: [0.8, 0.6] }] };
  const [int8] = await questionsOf(variantOf({ ...spec, gate: { ...spec.gate, cosine: 0.9 } }, "int8"));
  expect(int8?.check("[0.6,0.8]")).toBeCloseTo(0.2);
  const [fp32] = await questionsOf(variantOf(spec));
  await refusal(() => fp32?.check("[0.6,0.8]"));
});

test("a model of images without samples is sent a picture, and all its classes are asked for", async () => {
  const [question] = await questionsOf(variantOf(IMAGES));
  const { inputs, parameters } = (question?.event ?? {}) as { inputs: string; parameters: object };
  expect(parameters).toEqual({ top_k: 1_000_000, function_to_apply: "softmax" });
  const picture = await decode(sharp, Buffer.from(inputs, "base64"), { field: "inputs", limit: 1e6 });
  expect([picture.width, picture.height]).toEqual([64, 64]);
  expect(new Set(picture.data).size).toBeGreaterThan(50);
  expect(question?.check(reply(0.9, 0.1))).toBe(0);
  await refusal(() => question?.check("[0.6,0.8]"));
});

test("a sample's image is a file in models/, its scores those of the reference, unless it is quantized", async () => {
  const project = await temporaryFolder({ "models/texts/cat.png": "the file" });
  const spec = { ...IMAGES, samples: [{ inputs: { image: "texts/cat.png" }, expected: [0.6] }] };
  const located = locateSamples(project, spec);
  const [fp32] = await questionsOf(variantOf(located));
  expect(fp32?.event).toMatchObject({ inputs: Buffer.from("the file").toString("base64") });
  await refusal(() => fp32?.check(reply(0.9, 0.1)));
  const [int8] = await questionsOf(variantOf(located, "int8"));
  expect(int8?.check(reply(0.9, 0.1))).toBe(0);
});

test("an image that is not there is refused with the field that names it", async () => {
  const spec = { ...IMAGES, samples: [{ inputs: { image: join("/nowhere", "cat.png") } }] };
  const error = await refusal(() => questionsOf(variantOf(spec)));
  expect(error.exitCode).toBe(2);
  expect(error.message).toContain("Cannot read /nowhere/cat.png");
  expect(error.hint).toContain("`samples`");
});
