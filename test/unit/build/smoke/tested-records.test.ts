import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import type { ReadyModel } from "../../../../build/models/ready-model.ts";
import type { Image } from "../../../../build/plan/image.ts";
import type { SmokeResult } from "../../../../build/smoke/smoke.ts";
import { asTested, recordTested } from "../../../../build/smoke/tested-records.ts";
import { modelSpec } from "../../../../models/spec.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { FACTS, imageOf } from "../../../support/plan-facts.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const tested = (image: Image, letter: string) => ({ ...image, id: digest(letter) }) as SmokeResult;
const wasTested = async (image: Image, [manifest = digest("0"), config = manifest]: string[]) =>
  (await asTested({ ...image, digest: manifest, configDigest: config })) !== undefined;

beforeEach(async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
});

test("an image that passed is known by its digest, and no other one is", async () => {
  const image = await imageOf();
  expect(await wasTested(image, [digest("1")])).toBe(false);
  await recordTested(tested(image, "1"));
  await recordTested(tested(image, "2"));
  expect(await wasTested(image, [digest("1")])).toBe(true);
  expect(await wasTested(image, [digest("9"), digest("2")])).toBe(true);
  expect(await wasTested(image, [digest("3")])).toBe(false);
  expect(await wasTested(image, [])).toBe(false);
});

test("noting the same image twice is no error", async () => {
  const image = await imageOf();
  await recordTested(tested(image, "1"));
  await recordTested(tested(image, "1"));
  expect(await wasTested(image, [digest("1")])).toBe(true);
});

const SPEC = {
  task: "feature-extraction",
  source: "file:weights",
  files: { "model.onnx": "m.onnx" },
  samples: [{ inputs: "a", expected: [1, 2] }],
};
const specified = (change: object = {}) => {
  const minilm = FACTS.models["minilm"] as ReadyModel;
  return { models: { minilm: { ...minilm, spec: modelSpec.parse({ ...SPEC, ...change }) } } };
};
const functions = (row: object) => ({ functions: { embed: { model: "minilm", ...row } } });

test.each([
  { asks: "another input", change: { samples: [{ inputs: "b", expected: [1, 2] }] } },
  { asks: "another answer", change: { samples: [{ inputs: "a", expected: [1, 3] }] } },
  { asks: "a further sample", change: { samples: [...SPEC.samples, { inputs: "c" }] } },
  { asks: "a smaller tolerance", change: { tolerance: 1e-6 } },
  { asks: "a tighter gate", change: { gate: { cosine: 0.99 } } },
  { asks: "less memory", row: { memory: 512 } },
  { asks: "another event for the handler", row: { event: { text: "a" } } },
])("a test that asks for $asks has not been passed", async ({ change, row = {} }) => {
  await recordTested(tested(await imageOf(functions({}), specified()), "1"));
  const now = await imageOf(functions(row), specified(change));
  expect(await wasTested(now, [digest("1")])).toBe(false);
});

test("what a model's own files add to its spec is in the image, and does not count", async () => {
  await recordTested(tested(await imageOf(functions({}), specified()), "1"));
  const completed = specified({ pooling: "cls", outputs: { vectors: "sentence_embedding" } });
  expect(await wasTested(await imageOf(functions({}), completed), [digest("1")])).toBe(true);
});

test("a sample's picture counts by its content", async () => {
  const image = join(await temporaryFolder({ "a.png": "1" }), "a.png");
  const pictures = specified({
    task: "image-classification",
    files: { "model.onnx": "m", "preprocessor_config.json": "p" },
    samples: [{ inputs: { image: "a.png" } }],
  });
  const [sample] = pictures.models.minilm.spec.samples;
  Object.assign(sample ?? {}, { inputs: { image } });
  const cell = await imageOf(functions({}), pictures);
  await recordTested(tested(cell, "1"));
  expect(await wasTested(cell, [digest("1")])).toBe(true);
  await writeFile(image, "2");
  expect(await wasTested(cell, [digest("1")])).toBe(false);
});
