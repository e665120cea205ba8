import { expect, test } from "vitest";
import { randomNumbers } from "../../../../runtime/generation/random.ts";
import { chooseToken, likeliest } from "../../../../runtime/generation/sampling.ts";
import { settingsOf } from "../../../../runtime/generation/settings.ts";
import type { ModelConfig } from "../../../../runtime/model-files/config.ts";

type Given = Parameters<typeof settingsOf>[0];

interface Options {
  readonly before?: readonly number[];
  readonly config?: ModelConfig;
  readonly written?: number;
  readonly random?: () => number;
}

function choose(
  logits: number[],
  given: Given,
  { before = [0], config = {}, written = 1, random = (): number => 0.5 }: Options = {},
) {
  const settings = settingsOf(given, { config, begun: 1, usualTokens: 10, pathOf: (name) => name });
  return chooseToken(Float32Array.from(logits), { before, written, settings, random }).id;
}

test("the likeliest, unless sampling is asked for", () => {
  expect(choose([1, 3, 2], {})).toBe(1);
  expect(choose([1, 3, 2], { temperature: 0 })).toBe(1);
  expect(choose([5, 5, 5], { do_sample: true }, { random: () => 0.99 })).toBe(2);
  expect(choose([5, 5, 5], { temperature: 1, do_sample: false }, { random: () => 0.99 })).toBe(0);
});

test("top_k and top_p leave the unlikely out", () => {
  expect(choose([1, 3, 2], { do_sample: true, top_k: 1 }, { random: () => 0.99 })).toBe(1);
  expect(choose([0, 9, 0], { top_p: 0.5 }, { random: () => 0.99 })).toBe(1);
});

test("what was said gets less likely, and sequences do not come again", () => {
  expect(choose([3, 2], { repetition_penalty: 2 }, { before: [0] })).toBe(1);
  expect(choose([-1, -1.5], { repetition_penalty: 2 }, { before: [0] })).toBe(1);
  expect(choose([0, 9, 1], { no_repeat_ngram_size: 2 }, { before: [0, 1, 2, 0] })).toBe(2);
});

test("tokens that are forced, banned, or too early", () => {
  expect(choose([0, 9, 1], {}, { config: { bad_words_ids: [[1]] } })).toBe(2);
  expect(choose([0, 9, 1], {}, { config: { forced_bos_token_id: 0 }, written: 0 })).toBe(0);
  expect(choose([0, 9, 1], {}, { config: { forced_eos_token_id: 2 }, written: 9 })).toBe(2);
  expect(choose([0, 9, 1], { min_new_tokens: 3 }, { config: { eos_token_id: 1 } })).toBe(2);
});

test("sequences that are banned are not completed; an end that is a bad word is none", () => {
  const config = { bad_words_ids: [[2, 1], [3]] };
  expect(choose([0, 9, 1, 99], {}, { config, before: [0, 2] })).toBe(2);
  expect(choose([0, 9, 1, 99], {}, { config, before: [0, 0] })).toBe(1);
  expect(choose([0, 9, 1, 99], {}, { config: { ...config, eos_token_id: 3 } })).toBe(3);
});

test("tokens that are suppressed, always or at the beginning", () => {
  expect(choose([0, 9, 1], { suppress_tokens: [1] })).toBe(2);
  expect(choose([0, 9, 1], {}, { config: { suppress_tokens: [1] } })).toBe(2);
  const config = { begin_suppress_tokens: [1] };
  expect(choose([0, 9, 1], {}, { config, written: 0 })).toBe(2);
  expect(choose([0, 9, 1], {}, { config, written: 1 })).toBe(1);
  const forced = { ...config, forced_bos_token_id: 0 };
  expect(choose([0, 9, 1], {}, { config: forced, before: [5, 0], written: 1 })).toBe(2);
});

test("penalties of OpenAI's API count the new tokens alone", () => {
  const before = [1, 1, 1];
  expect(choose([5, 6], { frequency_penalty: 0.6 }, { before, written: 1 })).toBe(1);
  expect(choose([5, 6], { frequency_penalty: 0.6 }, { before, written: 2 })).toBe(0);
  expect(choose([5, 6], { presence_penalty: 0.6 }, { before, written: 3 })).toBe(1);
  expect(choose([5, 6], { presence_penalty: 1.1 }, { before, written: 3 })).toBe(0);
  expect(choose([5, 6], { presence_penalty: 1.1 }, { before, written: 0 })).toBe(1);
});

test("min_p and typical_p leave out what is unlikely, or not surprising enough", () => {
  const last = { random: () => 0.999 };
  expect(choose([9, 8, 1], { min_p: 0.5 }, last)).toBe(0);
  expect(choose([9, 8, 1], { min_p: 0.3 }, last)).toBe(1);
  // Shares 0.5, 0.25, 0.125, 0.125: 1.21 nats are expected, and 0.25 surprises with 1.39.
  const shares = [0.5, 0.25, 0.125, 0.125].map(Math.log);
  expect(choose(shares, { typical_p: 0.2 }, { random: () => 0 })).toBe(1);
  expect(choose(shares, { typical_p: 0.5 }, { random: () => 0 })).toBe(0);
});

test("the likeliest are told with the logarithms of their probabilities", () => {
  const logits = Float32Array.from([0.25, 0.5, 0.25].map(Math.log));
  expect(likeliest(logits, 2)).toEqual([
    { id: 1, logprob: expect.closeTo(Math.log(0.5)) },
    { id: 0, logprob: expect.closeTo(Math.log(0.25)) },
  ]);
  expect(likeliest(logits, 0)).toEqual([]);
});

test("a seed gives the same numbers, none others each time", () => {
  const take = (seed?: number) => {
    const random = randomNumbers(seed);
    return [random(), random(), random()];
  };
  expect(take(7)).toEqual(take(7));
  expect(take(7)).not.toEqual(take(8));
  expect(take()).not.toEqual(take());
  expect([...take(7), ...take()].every((number) => number >= 0 && number < 1)).toBe(true);
});
