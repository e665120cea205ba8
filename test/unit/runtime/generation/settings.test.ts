import { expect, test } from "vitest";
import { settingsOf } from "../../../../runtime/generation/settings.ts";
import type { ModelConfig } from "../../../../runtime/model-files/config.ts";

type Given = Parameters<typeof settingsOf>[0];

const settings = (given: Given, config: ModelConfig = {}) =>
  settingsOf(given, { config, begun: 5, usualTokens: 100, pathOf: (name) => `parameters.${name}` });

test.each([
  { given: {}, config: {}, most: 100 },
  { given: {}, config: { max_length: 20 }, most: 15 },
  { given: {}, config: { max_length: 20, max_new_tokens: 7 }, most: 7 },
  { given: { max_length: 8 }, config: { max_new_tokens: 7 }, most: 3 },
  { given: { max_length: 8, max_new_tokens: 9 }, config: {}, most: 9 },
])("$given and $config: $most new tokens at most", ({ given, config, most }) => {
  expect(settings(given, config).maxNewTokens).toBe(most);
});

test.each([
  { given: {}, config: { min_length: 9 }, least: 4 },
  { given: {}, config: { min_length: 3 }, least: 0 },
  { given: { min_length: 7 }, config: { min_length: 9 }, least: 2 },
  { given: { min_new_tokens: 1, min_length: 9 }, config: {}, least: 1 },
])("$given and $config: $least new tokens at least", ({ given, config, least }) => {
  expect(settings(given, config).minNewTokens).toBe(least);
});

test("a length without room for a token is refused, the caller's or the model's", () => {
  expect(() => settings({ max_length: 5 })).toThrow(
    "parameters.max_length: it is 5, and the text has 5 tokens",
  );
  expect(() => settings({}, { max_length: 4 })).toThrow(
    "this model's own max_length is 4: send max_new_tokens",
  );
});

test("what a model's config says counts where the request says nothing", () => {
  const config = {
    do_sample: true,
    temperature: 0.5,
    top_k: 3,
    top_p: 0.9,
    min_p: 0.1,
    typical_p: 0.8,
    repetition_penalty: 1.1,
    no_repeat_ngram_size: 2,
    eos_token_id: [1, 2],
    suppress_tokens: [4],
    bad_words_ids: [[5, 6]],
    begin_suppress_tokens: [7],
    forced_bos_token_id: 8,
    forced_eos_token_id: 9,
  };
  expect(settings({}, config)).toMatchObject({
    sample: true,
    temperature: 0.5,
    topK: 3,
    topP: 0.9,
    minP: 0.1,
    typicalP: 0.8,
    repetitionPenalty: 1.1,
    noRepeatNgramSize: 2,
    ends: new Set([1, 2]),
    banned: [[5, 6], [4]],
    notFirst: [7],
    forcedFirst: 8,
    forcedLast: 9,
  });
  expect(settings({ do_sample: false, top_k: 1, eos_token_id: 3 }, config)).toMatchObject({
    sample: false,
    topK: 1,
    ends: new Set([3]),
  });
});

test("sequences that end a text, under each of their names", () => {
  expect(
    settings({ stop: ["a", ""], stop_sequence: "b", stop_sequences: ["c"], stop_strings: "d" }).stop,
  ).toEqual(["a", "b", "c", "d"]);
});
