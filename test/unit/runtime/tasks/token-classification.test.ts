import { expect, test } from "vitest";
import { graphOf } from "../../../support/tiny-model.ts";
import { taskWith } from "./run.ts";

/** `a` begins a person, `b` is inside one, `c` is a place, `##d` looks a little like a place, the rest is nothing. */
const SCORES: Record<number, number[]> = {
  4: [0, 9, 0, 0],
  5: [0, 0, 9, 0],
  6: [0, 0, 0, 9],
  7: [0, 0, 0, 5],
};
const graph = graphOf({ logits: (id) => SCORES[id] ?? [9, 0, 0, 0] });
const config = { id2label: { 0: "O", 1: "B-PER", 2: "I-PER", 3: "I-LOC" } };
const { run, check, warmUp } = taskWith("token-classification", graph, { config });
const brief = (reply: unknown) =>
  (reply as Record<string, unknown>[]).map((one) => [
    one.entity_group ?? one.entity,
    one.word,
    one.start,
    one.end,
  ]);

test("neighbours of one label are one entity; B- begins another", async () => {
  expect(brief(await run({ inputs: "z A b a  c z" }))).toEqual([
    ["PER", "a b", 2, 5],
    ["PER", "a", 6, 7],
    ["LOC", "c", 9, 10],
  ]);
});

test("none gives the tokens, with their place among the model's", async () => {
  expect(await run({ inputs: "z bd", parameters: { aggregation_strategy: "none" } })).toEqual([
    { entity: "I-PER", score: expect.any(Number), index: 2, word: "b", start: 2, end: 3 },
    { entity: "I-LOC", score: expect.any(Number), index: 3, word: "##d", start: 3, end: 4 },
  ]);
});

test.each([
  {
    strategy: "simple",
    found: [
      ["PER", "b", 0, 1],
      ["LOC", "##d", 1, 2],
    ],
  },
  { strategy: "first", found: [["PER", "bd", 0, 2]] },
  { strategy: "max", found: [["PER", "bd", 0, 2]] },
  { strategy: "average", found: [["PER", "bd", 0, 2]] },
])("a word of two tokens, $strategy", async ({ strategy, found }) => {
  expect(brief(await run({ inputs: "bd", parameters: { aggregation_strategy: strategy } }))).toEqual(found);
});

test("ignore_labels, truncation from the left, and a list", async () => {
  expect(brief(await run({ inputs: "z c", ignore_labels: ["LOC"] }))).toEqual([["O", "z", 0, 1]]);
  const left = { max_tokens: 4, truncation_direction: "left" };
  expect(brief(await run({ inputs: "a a a c", parameters: left }))).toEqual([
    ["PER", "a", 4, 5],
    ["LOC", "c", 6, 7],
  ]);
  const list = (await run({ inputs: ["", "c", "a b a b"] })) as unknown[];
  expect(list.map(brief)).toEqual([
    [],
    [["LOC", "c", 0, 1]],
    [
      ["PER", "a b", 0, 3],
      ["PER", "a b", 4, 7],
    ],
  ]);
});

test("of a text longer than the model nothing is missed, and an entity that an edge cuts is whole", async () => {
  const long = `${"z ".repeat(9)}A b b ${"z ".repeat(9)}c`;
  const found = [
    ["PER", "a b b", 18, 23],
    ["LOC", "c", 42, 43],
  ];
  expect(brief(await run({ inputs: long }))).toEqual(found);
  expect(brief(await run({ inputs: long, stride: 3 }))).toEqual(found);
  expect(brief(await run({ inputs: long, max_tokens: 7 }))).toEqual(found);
  expect(brief(await run({ inputs: long, truncate: true }))).toEqual([["PER", "a", 18, 19]]);
  const list = (await run({ inputs: ["c", long, "a"] })) as unknown[];
  expect(list.map(brief)).toEqual([[["LOC", "c", 0, 1]], found, [["PER", "a", 0, 1]]]);
});

test("tokens of windows are told once, with their places among all of the text's", async () => {
  const parameters = { aggregation_strategy: "none", ignore_labels: [] };
  const tokens = (await run({ inputs: "z b 😀 ".repeat(10), parameters })) as {
    index: number;
    start: number;
  }[];
  expect(tokens.map(({ index }) => index)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  expect(tokens.map(({ start }) => start)).toEqual(Array.from({ length: 30 }, (_, i) => i * 2));
});

test.each([
  { parameters: { grouped_entities: true }, words: ["b", "##d"] },
  { parameters: { grouped_entities: true, ignore_subwords: true }, words: ["bd"] },
  { parameters: { grouped_entities: false }, words: ["b", "##d"] },
])("as it was asked for before aggregation_strategy: $parameters", async ({ parameters, words }) => {
  expect(brief(await run({ inputs: "bd", parameters })).map(([, word]) => word)).toEqual(words);
});

test.each([
  {
    parameters: { stride: 10 },
    error: "stride: windows of 12 tokens have 10 of the text, and may share 7 at most",
  },
  {
    parameters: { stride: 2, truncate: true },
    error: "stride: a text is either truncated or read in windows",
  },
  { parameters: { max_tokens: 13 }, error: "max_tokens: this model takes 3 to 12" },
  { parameters: { truncate: false }, error: "inputs: 14 tokens, and at most 12 are allowed" },
  { parameters: { is_split_into_words: true }, error: "is_split_into_words: true is not supported" },
])("$error", async ({ parameters, error }) => {
  await expect(run({ inputs: "a ".repeat(12), ...parameters })).rejects.toThrow(error);
});

test("it warms up", async () => {
  check();
  await warmUp();
});
