import { describe, expect, test } from "vitest";
import { readRequest } from "../../../../runtime/request/request.ts";
import { checkModel } from "../../../../runtime/serving/check-model.ts";
import { featureExtraction } from "../../../../runtime/tasks/feature-extraction.ts";
import { port, tinyGraph, tinyModel, work } from "../../../support/tiny-model.ts";

const run = (payload: unknown, model = tinyModel(), checkTime = () => {}) =>
  featureExtraction.run(model, readRequest(payload), work(checkTime));

test("a text gives one vector, a list a list of them", async () => {
  expect(await run({ inputs: "a b" })).toEqual([3.5, 2.5]);
  expect(await run({ inputs: ["a b"] })).toEqual([[3.5, 2.5]]);
});

test("a batch gives what each text alone gives, in the list's order, without padding", async () => {
  const inputs = ["a b c a", "a", "", "b c"];
  const alone = await Promise.all(inputs.map((text) => run({ inputs: text })));
  expect(await run({ inputs })).toEqual(alone);
});

test("texts go through the graph together, and large lists in several runs", async () => {
  const graph = tinyGraph();
  await run({ inputs: ["a", "a b"] }, tinyModel(graph));
  expect(graph.runs).toEqual([[2, 4]]);
  const large = tinyGraph();
  await run({ inputs: new Array(1000).fill("a b") }, tinyModel(large));
  expect(large.runs.length).toBeGreaterThan(1);
  expect(large.runs.reduce((sum, [texts = 0]) => sum + texts, 0)).toBe(1000);
});

test("the manifest says whether vectors are normalized, and the request may say otherwise", async () => {
  const { manifest, ...rest } = tinyModel();
  const scaled = { ...rest, manifest: { ...manifest, normalize: true } };
  expect(Math.hypot(...((await run({ inputs: "a b" }, scaled)) as number[]))).toBeCloseTo(1);
  expect(await run({ inputs: "a b", parameters: { normalize: false } }, scaled)).toEqual([3.5, 2.5]);
  expect(Math.hypot(...((await run({ inputs: "a b", normalize: true })) as number[]))).toBeCloseTo(1);
});

test("cls pooling takes the first token", async () => {
  const { manifest, ...rest } = tinyModel();
  const model = { ...rest, manifest: { ...manifest, pooling: "cls" as const } };
  expect(await run({ inputs: ["a", "b c"] }, model)).toEqual([
    [2, 1],
    [2, 1],
  ]);
});

test.each(["left", "right"] as const)(
  "the last token is a text's own, with padding on the %s",
  async (padSide) => {
    const { manifest, tokenizer, ...rest } = tinyModel();
    const model = {
      ...rest,
      manifest: { ...manifest, pooling: "lasttoken" as const },
      tokenizer: { ...tokenizer, padSide },
    };
    const vectors = (await run({ inputs: ["a b c", "a", "b"] }, model)) as number[][];
    expect(vectors.map(([id]) => id)).toEqual([3, 3, 3]);
    const first = { ...model, manifest: { ...manifest, pooling: ["max", "cls"] as const } };
    expect(
      ((await run({ inputs: ["a b c", "a"] }, first)) as number[][]).map(([most, , id]) => [most, id]),
    ).toEqual([
      [6, 2],
      [4, 2],
    ]);
  },
);

describe("a prompt", () => {
  const { manifest, ...rest } = tinyModel();
  const with_ = (changes: Partial<typeof manifest>) => ({ ...rest, manifest: { ...manifest, ...changes } });
  const prompts = { query: "a b ", passage: "c " };

  test("is put before each text, the default one where the request names none", async () => {
    const model = with_({ prompts, defaultPromptName: "query" });
    expect(await run({ inputs: ["c", "a"] }, model)).toEqual(await run({ inputs: ["a b c", "a b a"] }));
    expect(await run({ inputs: "c" }, with_({ prompts }))).toEqual(await run({ inputs: "c" }));
    const named = { inputs: "a", prompt_name: "passage" };
    expect(await run(named, model)).toEqual(await run({ inputs: "c a" }));
    await expect(run({ ...named, prompt_name: "other" }, model)).rejects.toThrow("prompt_name: ");
  });

  test("may be left out of the pooled tokens, as many as it has alone", async () => {
    const model = with_({ prompts, defaultPromptName: "query", includePrompt: false });
    // [CLS] a b are left out; c [SEP] remain, at their places in the whole text.
    expect(await run({ inputs: ["c"] }, model)).toEqual([[4.5, 4.5]]);
  });
});

test("dimensions: the first ones, scaled to length 1 when vectors are", async () => {
  expect(await run({ inputs: "a b", dimensions: 1 })).toEqual([3.5]);
  expect(await run({ inputs: ["a b"], dimensions: 1, normalize: true })).toEqual([[1]]);
  await expect(run({ inputs: "a", dimensions: 3 })).rejects.toThrow(
    "dimensions: this model's vectors have 2",
  );
  await expect(run({ inputs: "a", encoding_format: "base64" })).rejects.toThrow("encoding_format: ");
});

test("a text too long for the model is truncated, as asked", async () => {
  expect(await run({ inputs: "a b c a a a" })).toEqual(await run({ inputs: "a b c a" }));
  expect(await run({ inputs: "a b c a", max_tokens: 3 })).toEqual(await run({ inputs: "a" }));
  const left = { inputs: "a b c", max_tokens: 3, truncation_direction: "left" };
  expect(await run(left)).toEqual(await run({ inputs: "c" }));
});

test.each([
  {
    payload: { inputs: ["a", "a b c a a"], truncate: false },
    error: "inputs[1]: 7 tokens, and at most 6 are allowed",
  },
  {
    payload: { inputs: "a b", truncate: false, max_tokens: 3 },
    error: "inputs: 4 tokens, and at most 3 are allowed",
  },
  {
    payload: { inputs: "a", parameters: { max_tokens: 7 } },
    error: "parameters.max_tokens: this model takes 3 to 6",
  },
  { payload: { inputs: "a", max_tokens: 2 }, error: "max_tokens: this model takes 3 to 6" },
  { payload: { inputs: "a", parameters: { pooling: "cls" } }, error: "parameters.pooling: unknown" },
  { payload: { inputs: [] }, error: "inputs: the list is empty" },
])("$error", async ({ payload, error }) => {
  await expect(run(payload)).rejects.toMatchObject({
    name: "BadRequest",
    message: expect.stringContaining(error),
  });
});

test("the time is checked between runs", async () => {
  const graph = tinyGraph();
  const checkTime = () => {
    if (graph.runs.length > 0) throw new Error("time is up");
  };
  await expect(run({ inputs: new Array(1000).fill("a b") }, tinyModel(graph), checkTime)).rejects.toThrow(
    "up",
  );
  expect(graph.runs).toHaveLength(1);
});

test("a graph that cannot serve is refused before the first request", () => {
  expect(() => checkModel(tinyModel())).not.toThrow();
  const image = { ...tinyGraph(), inputs: [port("pixel_values", "float32", [])] };
  expect(() => checkModel(tinyModel(image))).toThrow("asks for pixel_values");
  const classifier = { ...tinyGraph(), outputs: [port("logits", "float32", ["b", 2])] };
  expect(() => checkModel(tinyModel(classifier))).toThrow("no output for vectors");
});
