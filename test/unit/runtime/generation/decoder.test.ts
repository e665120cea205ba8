import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDecoder } from "../../../../runtime/generation/decoder.ts";
import { argmax } from "../../../../runtime/inference/scores.ts";
import { openSession } from "../../../../runtime/onnx/session.ts";
import { checkModel } from "../../../../runtime/serving/check-model.ts";
import { taskNamed } from "../../../../runtime/tasks/index.ts";
import { tinyModel } from "../../../support/tiny-model.ts";
import { type ElementType, type TinyDecoderOptions, tinyDecoder } from "../../../support/tiny-onnx.ts";

function open(options: TinyDecoderOptions, config = {}) {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-decoder-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "model.onnx"), tinyDecoder(options));
  const graph = openSession(join(folder, "model.onnx"), { threads: 1 });
  const model = tinyModel(graph, { config, task: taskNamed("text-generation") });
  return { ...model, manifest: { ...model.manifest, task: "text-generation" as const } };
}

/** What the graph says after two tokens, and after each of two more. */
async function told(model: ReturnType<typeof open>): Promise<number[]> {
  checkModel(model);
  const advance = openDecoder(model);
  const steps = [];
  for (const tokens of [[1, 2], [3], [1]]) steps.push(argmax(await advance(tokens)));
  return steps;
}

const port = (name: string, type: ElementType, dims: (string | number)[]) => ({ name, type, dims });
const row = ["batch", "tokens"];
const all = ["batch", "all"];

test.each([
  { source: port("input_ids", "int64", row), sums: [3, 3, 1] },
  { source: port("input_ids", "int32", row), sums: [3, 3, 1] },
  { source: port("attention_mask", "int64", all), sums: [2, 3, 4] },
  { source: port("attention_mask", "int32", all), sums: [2, 3, 4] },
  { source: port("attention_mask", "float32", all), sums: [2, 3, 4] },
  { source: port("attention_mask", "float16", all), sums: [2, 3, 4] },
  { source: port("attention_mask", "bool", all), sums: [2, 3, 4] },
  { source: port("position_ids", "int64", row), sums: [1, 2, 3] },
  { source: port("position_ids", "int32", ["tokens"]), sums: [1, 2, 3] },
  { source: port("position_ids", "int64", [3, "batch", "tokens"]), sums: [3, 6, 9] },
  { source: port("cache_position", "int64", ["tokens"]), sums: [1, 2, 3] },
  { source: port("token_type_ids", "int64", row), sums: [0, 0, 0] },
  { source: port("use_cache_branch", "bool", [1]), sums: [0, 1, 1] },
  { source: port("use_cache_branch", "bool", []), sums: [0, 1, 1] },
  { source: port("use_cache_branch", "int64", [1]), sums: [0, 1, 1] },
  { source: port("use_cache_branch", "float32", []), sums: [0, 1, 1] },
  { source: port("num_logits_to_keep", "int64", []), sums: [1, 1, 1] },
  { source: port("num_logits_to_keep", "int64", [1]), sums: [1, 1, 1] },
  { source: port("past_key_values.0.key", "float32", ["b", 1, "past", 1]), sums: [0, 3, 6] },
])("$source.name of $source.type in $source.dims", async ({ source, sums }) => {
  expect(await told(open({ source }))).toEqual(sums);
});

test.each(["float32", "float16"] as const)("a cache and logits of %s", async (floats) => {
  const source = port("past_key_values.0.key", floats, ["batch", 1, "past_sequence_length", 1]);
  expect(await told(open({ source, floats }))).toEqual([0, 3, 6]);
});

test.each([
  {
    past: ["batch_size", "num_heads", "past_sequence_length", "head_dim"],
    config: { num_attention_heads: 1, head_dim: 1 },
  },
  { past: ["batch_size", "heads", "past", "d"], config: { num_key_value_heads: 1, n_head: 4, n_embd: 4 } },
  { past: ["", "", "", ""], config: { num_heads: 1, d_kv: 1 } },
  { past: ["batch_size x num_heads", 1, "past_sequence_length", 1], config: { n_head: 1 } },
])("an empty cache of $past", async ({ past, config }) => {
  const source = port("past_key_values.0.key", "float32", past);
  expect(await told(open({ source, past }, config))).toEqual([0, 3, 6]);
});

const ids = port("input_ids", "int64", row);

test.each([
  { others: [port("pixel_values", "float32", row)], error: "the graph asks for pixel_values, which" },
  {
    others: [port("past_key_values.0.encoder.key", "float32", ["b", 1, "s", 1])],
    error: "asks for past_key_values.0.encoder.key, and no output",
  },
  {
    others: [port("attention_mask", "int64", ["b", 1, "n", "m"])],
    error: "input attention_mask has 4 dimensions",
  },
  { others: [port("attention_mask", "bfloat16", all)], error: "attention_mask of type type 16, which" },
])("at load: $error", ({ others, error }) => {
  expect(() => checkModel(open({ source: ids, others }))).toThrow(error);
});

test("at load: a cache whose dimensions nothing tells, or whose length is fixed", () => {
  const unknown = { source: ids, past: ["batch", "heads", "past", "size"] };
  expect(() => checkModel(open(unknown))).toThrow(
    'dimension 1 ("heads") of input past_key_values.0.key is not known',
  );
  expect(() => checkModel(open({ source: ids, past: [1, 1, 4, 1] }))).toThrow("a fixed number of tokens");
});

test("a decoder without a cache reads the whole text at every step", async () => {
  const model = open({ source: ids });
  const { graph } = model;
  const seen: number[] = [];
  const plain = {
    ...graph,
    inputs: graph.inputs.filter(({ name }) => name === "input_ids"),
    outputs: graph.outputs.filter(({ name }) => name === "logits"),
    run: async (feeds: Parameters<typeof graph.run>[0], outputs: readonly string[]) => {
      seen.push(feeds["input_ids"]?.data.length ?? 0);
      const past = { data: new Float32Array(), dims: [1, 1, 0, 1] };
      return graph.run({ ...feeds, "past_key_values.0.key": past }, outputs);
    },
  };
  expect(await told({ ...model, graph: plain })).toEqual([3, 6, 7]);
  expect(seen).toEqual([2, 3, 4]);
});
