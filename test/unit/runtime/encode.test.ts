import { expect, test } from "vitest";
import { encodeTexts, TEXT_PARAMETERS, type TextOrPair } from "../../../runtime/encode.ts";
import { readParameters } from "../../../runtime/parameters.ts";
import { tinyModel, work } from "./tiny-model.ts";

/** Ids that the tiny model (at most 6 tokens) reads of texts or pairs. */
function ids(texts: TextOrPair[], given: Record<string, unknown> = {}): (readonly number[])[] {
  const pathOf = (name: string) => name;
  const parameters = readParameters({ parameters: given, pathOf }, TEXT_PARAMETERS);
  const options = { parameters, pathOf, fieldOf: (i: number) => `inputs[${i}]`, work: work() };
  return encodeTexts(tinyModel(), texts, options).map((encoding) => encoding.ids);
}

test.each([
  { given: {}, kept: [2, 4, 5, 6, 4, 3] },
  { given: { max_tokens: 4 }, kept: [2, 4, 5, 3] },
  { given: { max_tokens: 4, truncation_direction: "left" }, kept: [2, 5, 4, 3] },
  { given: { truncation: "longest_first" }, kept: [2, 4, 5, 6, 4, 3] },
])("a text too long keeps its special tokens: $given", ({ given, kept }) => {
  expect(
    ids(
      ["a b c a b"].map((text) => (given.truncation_direction ? "a b c b a" : text)),
      given,
    ),
  ).toEqual([kept]);
});

test.each([
  { strategy: "longest_first", kept: [2, 4, 5, 3, 6, 3] },
  { strategy: "only_first", kept: [2, 4, 3, 6, 6, 3] },
  { strategy: true, kept: [2, 4, 5, 3, 6, 3] },
])("two texts too long: $strategy", ({ strategy, kept }) => {
  expect(ids([["a b a", "c c"]], { truncation: strategy })).toEqual([kept]);
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
] as { texts: TextOrPair[]; given: object; error: string }[])("$error", ({ texts, given, error }) => {
  expect(() => ids(texts, { ...given })).toThrow(error);
});
