import { expect, test } from "vitest";
import type { TextModel } from "../../../../runtime/model/model.ts";
import type { ModelConfig } from "../../../../runtime/model-files/config.ts";
import { readRequest } from "../../../../runtime/request/request.ts";
import { taskNamed } from "../../../../runtime/tasks/index.ts";
import { tinyModel, work } from "../../../support/tiny-model.ts";
import { taskWith } from "./run.ts";
import { WRITER } from "./writer.ts";

const { run, check, warmUp } = taskWith("text-generation", WRITER);
const bare = { return_full_text: false, max_new_tokens: 3 };

test("a text goes on, with or without its beginning; a list gives a list", async () => {
  expect(await run({ inputs: "a", parameters: { max_new_tokens: 3 } })).toEqual([
    { generated_text: "a a b c" },
  ]);
  expect(await run({ inputs: "a", parameters: bare })).toEqual([{ generated_text: " a b c" }]);
  expect(await run({ inputs: ["a", "b"], parameters: bare })).toEqual([
    [{ generated_text: " a b c" }],
    [{ generated_text: " a b c" }],
  ]);
});

test("it ends at a stop sequence, an end token, and the model's limit", async () => {
  expect(await run({ inputs: "a", parameters: { ...bare, stop: [" c"] } })).toEqual([
    { generated_text: " a b" },
  ]);
  const ends = taskWith("text-generation", WRITER, { config: { eos_token_id: 5 } });
  expect(await ends.run({ inputs: "a", parameters: bare })).toEqual([{ generated_text: " a b" }]);
  const all = (await run({ inputs: "a", return_full_text: false })) as { generated_text: string }[];
  expect(all[0]?.generated_text.trim().split(" ")).toHaveLength(12 - 3);
});

test("a chat is put into words by the model's template, and answered without them", async () => {
  const inputs = [{ role: "user", content: "a b" }];
  expect(await run({ inputs, parameters: { max_new_tokens: 1 } })).toEqual([{ generated_text: " c" }]);
});

test("streamed: a token each, the whole text at last", async () => {
  const base = tinyModel(WRITER, { task: taskNamed("text-generation") });
  const model: TextModel = {
    ...base,
    manifest: { ...base.manifest, task: "text-generation", maxTokens: 12 },
  };
  const pieces = model.task.stream?.(
    model,
    readRequest({ inputs: "a", max_new_tokens: 2, stream: true }),
    work(),
  );
  const all: unknown[] = [];
  for await (const piece of pieces ?? []) all.push(piece);
  expect(all).toMatchObject([
    { token: { id: 4, text: " a" }, generated_text: null },
    {
      token: { id: 5, text: " b" },
      generated_text: " a b",
      details: { finish_reason: "length", generated_tokens: 2 },
    },
  ]);
});

test("details: the tokens with the logarithms of their probabilities, and others in their place", async () => {
  const [reply] = (await run({ inputs: "a", ...bare, details: true, seed: 3, do_sample: false })) as [object];
  expect(reply).toMatchObject({
    generated_text: " a b c",
    details: {
      finish_reason: "length",
      generated_tokens: 3,
      seed: 3,
      prefill: [],
      tokens: [
        { id: 4, text: " a", special: false },
        { id: 5, text: " b" },
        { id: 6, text: " c" },
      ],
    },
  });
  const tops = { ...bare, details: true, top_n_tokens: 2 };
  const [other] = (await run({ inputs: "a", ...tops })) as [{ details: { top_tokens: object[][] } }];
  expect(other.details.top_tokens.map((list) => list[0])).toMatchObject([
    { id: 4, text: "a" },
    { id: 5, text: "b" },
    { id: 6, text: "c" },
  ]);
});

test("truncate: the last tokens of the prompt, or the first", async () => {
  const input = { inputs: "a b c a", return_full_text: false, max_new_tokens: 1, add_special_tokens: false };
  expect(await run({ ...input, truncate: 2 })).toEqual([{ generated_text: " b" }]);
  expect(await run({ ...input, truncate: 2, truncation_direction: "Right" })).toEqual([
    { generated_text: " c" },
  ]);
});

test("max_length counts the prompt, min_length keeps the end away", async () => {
  expect(await run({ inputs: "a", return_full_text: false, max_length: 5 })).toEqual([
    { generated_text: " a b" },
  ]);
  await expect(run({ inputs: "a", max_length: 3 })).rejects.toThrow(
    "max_length: it is 3, and the text has 3 tokens",
  );
  const written = async (config: ModelConfig) => {
    const { run } = taskWith("text-generation", WRITER, { config: { eos_token_id: 4, ...config } });
    const [reply] = (await run({ inputs: "a", ...bare, details: true })) as [{ details: object }];
    return reply.details;
  };
  expect(await written({})).toMatchObject({ finish_reason: "eos_token", generated_tokens: 1 });
  expect(await written({ min_length: 6 })).toMatchObject({ finish_reason: "length", generated_tokens: 3 });
});

test.each([
  { payload: { inputs: [] }, error: "inputs: the list is empty" },
  { payload: { inputs: 1 }, error: "inputs: expected a text or a list of messages" },
  { payload: { inputs: [{ role: "user" }] }, error: "inputs[0].content: expected a text" },
  {
    payload: { inputs: "a ".repeat(12) },
    error: "inputs: 14 tokens, and the model reads and writes 12 at most",
  },
  { payload: { inputs: "a", temperature: "hot" }, error: "temperature: expected a number from 0 to 100" },
  {
    payload: { inputs: "a", num_beams: 4 },
    error: "num_beams: 4 is not supported: this runtime decodes greedily",
  },
])("$error", async ({ payload, error }) => {
  await expect(run(payload)).rejects.toThrow(error);
});

test("it warms up, and a graph without logits is refused", async () => {
  check();
  await warmUp();
  expect(() => taskWith("text-generation", { ...WRITER, outputs: [] }).check()).toThrow(
    "no output for tokenLogits",
  );
});
