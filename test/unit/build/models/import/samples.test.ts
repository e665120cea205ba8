import { expect, test } from "vitest";
import { samplesOf } from "../../../../../build/models/import/samples.ts";
import { CHECKS } from "../../../../../build/smoke/checks/index.ts";
import { modelSpec } from "../../../../../models/spec.ts";
import { graphFiles, TASKS, type Task } from "../../../../../models/tasks.ts";

const FILES = { "tokenizer_config.json": { mask_token: { content: "<mask>" } } };

test.each(Object.keys(TASKS) as Task[])("samples of a new spec are requests of its task: %s", (task) => {
  const files = Object.fromEntries(
    [...graphFiles(task), "tokenizer.json", "preprocessor_config.json"].map((file) => [file, file]),
  );
  const samples = samplesOf(task, FILES);
  expect(modelSpec.safeParse({ task, source: "hf:a/b", files, maxTokens: 8, samples }).error).toBeUndefined();
  expect(samples.length > 0).toBe(task !== "image-classification");
  // What generates texts is asked for few tokens, as where a spec has no samples.
  const { max_new_tokens } = CHECKS[task].defaultSample.parameters ?? {};
  for (const { parameters } of samples) expect(parameters?.["max_new_tokens"]).toBe(max_new_tokens);
});

test.each([
  [{ mask_token: "[MASK]" }, "The capital of France is [MASK]."],
  [{ mask_token: { content: "<mask>" } }, "The capital of France is <mask>."],
  [{}, undefined],
  [{ mask_token: null }, undefined],
])("fill-mask is asked with the model's own mask: %j", (config, inputs) => {
  expect(samplesOf("fill-mask", { "tokenizer_config.json": config })[0]?.inputs).toBe(inputs);
});

test("a task of one's own is asked for texts", () => {
  expect(samplesOf("twelfth" as Task, {})).toEqual([
    { inputs: "A man is eating food." },
    { inputs: "The weather is lovely today." },
  ]);
});
