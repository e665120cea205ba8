import { expect, test } from "vitest";
import { chooseToken } from "../../../../runtime/generation/choose.ts";
import { randomNumbers } from "../../../../runtime/generation/random.ts";
import { settingsOf } from "../../../../runtime/generation/settings.ts";

type Given = Parameters<typeof settingsOf>[0];

function choose(
  logits: number[],
  given: Given,
  { before = [0], config = {}, written = 1, random = (): number => 0.5 } = {},
) {
  const settings = settingsOf(given, config, 10);
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
