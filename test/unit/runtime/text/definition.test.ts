import { expect, test } from "vitest";
import { splitDefinition } from "../../../../runtime/text/definition.ts";

const json = (vocab: object, rest = {}) =>
  JSON.stringify({ added_tokens: [], model: { type: "WordPiece", unk_token: "?", vocab, ...rest } });

test.each([
  { about: "in order", vocab: { "?": 0, a: 1, "##b": 2 } },
  { about: "in any order", vocab: { a: 1, "##b": 2, "?": 0 } },
  {
    about: "with signs of JSON",
    vocab: { "?": 0, '"': 1, "\\": 2, "{": 3, "}": 4, ",": 5, ":": 6, "\n": 7, é: 8 },
  },
])("the vocabulary apart, $about", ({ vocab }) => {
  const { definition, vocabulary } = splitDefinition(json(vocab));
  expect(Object.fromEntries((vocabulary ?? []).map((token, id) => [token, id]))).toEqual(vocab);
  expect(definition).toEqual(JSON.parse(json({ "?": 0 })));
});

test("a file for people's eyes", () => {
  const { vocabulary } = splitDefinition(JSON.stringify(JSON.parse(json({ "?": 0, a: 1 })), null, 2));
  expect(vocabulary).toEqual(["?", "a"]);
});

test.each([
  { about: "numbers that leave one out", text: json({ "?": 0, a: 2 }) },
  { about: "a number twice", text: json({ "?": 0, a: 1, b: 1 }) },
  { about: "a token that looks like the end", text: json({ "?": 0, '":5}': 1, a: 2 }) },
  { about: "a token that looks like what is between", text: json({ "?": 0, '":5,': 1, a: 2 }) },
  { about: "Unigram", text: JSON.stringify({ model: { type: "Unigram", vocab: [["a", 0]] } }) },
  { about: "an empty vocabulary", text: json({}) },
])("anything else is parsed as it is: $about", ({ text }) => {
  expect(splitDefinition(text)).toEqual({ definition: JSON.parse(text), vocabulary: undefined });
});
