import { expect, test } from "vitest";
import { encodeTexts, TEXT_PARAMETERS } from "../../../../runtime/inference/tokenize.ts";
import { readParameters } from "../../../../runtime/request/parameters.ts";
import type { TextOrPair } from "../../../../runtime/tokenizer/types.ts";
import { tinyModel, work } from "../../../support/tiny-model.ts";

/** Ids that the tiny model (at most 6 tokens) reads of texts or pairs. */
async function ids(
  texts: TextOrPair[],
  given: Record<string, unknown> = {},
  model = tinyModel(),
): Promise<(readonly number[])[]> {
  const pathOf = (name: string) => name;
  const parameters = readParameters({ parameters: given, pathOf }, TEXT_PARAMETERS);
  const options = { parameters, pathOf, fieldOf: (i: number) => `inputs[${i}]`, work: work() };
  return (await Array.fromAsync(encodeTexts(model, texts, options))).map(({ encoding }) => encoding.ids);
}

test.each([
  { given: {}, kept: [2, 4, 5, 6, 4, 3] },
  { given: { max_tokens: 4 }, kept: [2, 4, 5, 3] },
  { given: { max_tokens: 4, truncation_direction: "left" }, kept: [2, 5, 4, 3] },
  { given: { truncation: "longest_first" }, kept: [2, 4, 5, 6, 4, 3] },
])("a text too long keeps its special tokens: $given", async ({ given, kept }) => {
  expect(
    await ids(
      ["a b c a b"].map((text) => (given.truncation_direction ? "a b c b a" : text)),
      given,
    ),
  ).toEqual([kept]);
});

test("the tokenizer's own settings say which end is dropped, unless the request does", async () => {
  const { tokenizer, ...rest } = tinyModel();
  const model = { ...rest, tokenizer: { ...tokenizer, config: { truncation_side: "left" } } };
  expect(await ids(["a b c"], { max_tokens: 3 }, model)).toEqual([[2, 6, 3]]);
  expect(await ids(["a b c"], { max_tokens: 3, truncation_direction: "right" }, model)).toEqual([[2, 4, 3]]);
});

test.each([
  { strategy: "longest_first", kept: [2, 4, 5, 3, 6, 3] },
  { strategy: "only_first", kept: [2, 4, 3, 6, 6, 3] },
  { strategy: true, kept: [2, 4, 5, 3, 6, 3] },
])("two texts too long: $strategy", async ({ strategy, kept }) => {
  expect(await ids([["a b a", "c c"]], { truncation: strategy })).toEqual([kept]);
});

test.each([
  {
    texts: ["a", "a a a a a"],
    given: { truncation: "do_not_truncate" },
    error: "inputs[1]: 7 tokens, and at most 6",
  },
  { texts: ["a a a a a"], given: { truncation: false }, error: "inputs[0]: 7 tokens" },
  {
    texts: [["a a", "b b b b"]],
    given: { truncation: "only_first" },
    error: "inputs[0]: more than 6 tokens even after",
  },
  { texts: [["a", "b"]], given: { max_tokens: 3 }, error: "max_tokens: this model takes 4 to 6" },
] as { texts: TextOrPair[]; given: object; error: string }[])("$error", async ({ texts, given, error }) => {
  await expect(ids(texts, { ...given })).rejects.toThrow(error);
});

const LONG: readonly { readonly about: string; readonly text: string }[] = [
  { about: "words", text: "a bd c ".repeat(1_500_000) },
  { about: "one word", text: "a".repeat(10_000_000) },
  { about: "blanks and one word", text: `${" ".repeat(10_000_000)}a` },
  { about: "signs", text: ".".repeat(10_000_000) },
  { about: "lone surrogates", text: "\ud800".repeat(10_000_000) },
];

test.each(LONG)("10 MB of $about are truncated without being read", async ({ text }) => {
  // By the processor's time: others may have the machine meanwhile.
  const start = process.cpuUsage();
  const [right] = await ids([text]);
  const [left] = await ids([text], { truncation_direction: "left", max_tokens: 4 });
  expect(right?.length).toBeLessThanOrEqual(6);
  expect(left?.length).toBeLessThanOrEqual(4);
  expect([right?.[0], right?.at(-1), left?.[0], left?.at(-1)]).toEqual([2, 3, 2, 3]);
  const { user, system } = process.cpuUsage(start);
  expect(user + system).toBeLessThan(5_000_000);
});

test("10 MB that must not be truncated are refused without being counted", async () => {
  await expect(ids(["a bd c ".repeat(1_500_000)], { truncate: false })).rejects.toThrow(
    /^inputs\[0\]: more than \d+ tokens, and at most 6 are allowed/,
  );
});

test.each([{}, { truncation: "only_first" }, { truncation_direction: "left" }])(
  "a long text beside a short one is truncated as a shorter one is: %j",
  async (given) => {
    const pair = (count: number): TextOrPair => ["a b ".repeat(count), "c"];
    expect(await ids([pair(20_000)], given)).toEqual(await ids([pair(20)], given));
  },
);

test("two long texts share the room, and one that may not be truncated leaves none", async () => {
  const pair = (count: number): TextOrPair => ["a ".repeat(count), "b ".repeat(count)];
  expect(await ids([pair(40_000)])).toEqual(await ids([pair(40)]));
  await expect(ids([pair(40_000)], { truncation: "only_first" })).rejects.toThrow(
    "more than 6 tokens even after",
  );
});

test("the time is looked at while a long text is read", async () => {
  const late = work(() => {
    throw new Error("late");
  });
  const options = { parameters: {}, pathOf: (name: string) => name, fieldOf: () => "inputs", work: late };
  await expect(encodeTexts(tinyModel(), [" ".repeat(100_000)], options).next()).rejects.toThrow("late");
});
