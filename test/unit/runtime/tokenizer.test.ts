import { expect, test } from "vitest";
import { textTokenizer } from "../../../runtime/tokenizer.ts";
import { TINY_TOKENIZER } from "./tiny-tokenizer.ts";

const tokenizer = textTokenizer(TINY_TOKENIZER, {});

test("a text becomes ids between special tokens", () => {
  expect(tokenizer.encode("A bd zzz")).toEqual({ ids: [2, 4, 5, 7, 1, 3], typeIds: [0, 0, 0, 0, 0, 0] });
  expect(tokenizer.specialTokens).toBe(2);
});

test.each([
  { text: "", ids: [2, 3] },
  { text: "a\u0000b", ids: [2, 1, 3] },
  { text: "a \ud800 b", ids: [2, 4, 5, 3] },
  { text: "[SEP] a", ids: [2, 3, 4, 3] },
])("odd text $text", ({ text, ids }) => {
  expect(tokenizer.encode(text).ids).toEqual(ids);
});

test.each([
  { limit: 6, direction: "right", ids: [2, 4, 5, 6, 4, 3] },
  { limit: 4, direction: "right", ids: [2, 4, 5, 3] },
  { limit: 4, direction: "left", ids: [2, 6, 4, 3] },
  { limit: 3, direction: "right", ids: [2, 4, 3] },
  { limit: 2, direction: "left", ids: [2, 3] },
] as const)(
  "at most $limit tokens, dropped from the $direction, special ones stay",
  ({ limit, direction, ids }) => {
    const { ids: kept, typeIds } = tokenizer.truncate(tokenizer.encode("a b c a"), limit, direction);
    expect(kept).toEqual(ids);
    expect(typeIds).toHaveLength(ids.length);
  },
);

test("special tokens in the text are not taken for those around it", () => {
  expect(tokenizer.truncate(tokenizer.encode("[CLS] a [SEP] b"), 5, "right").ids).toEqual([2, 2, 4, 3, 3]);
});

test("a tokenizer without special tokens", () => {
  const bare = textTokenizer({ ...TINY_TOKENIZER, post_processor: null }, {});
  expect(bare.specialTokens).toBe(0);
  expect(bare.truncate(bare.encode("a b c"), 2, "left")).toEqual({ ids: [5, 6], typeIds: [0, 0] });
});

test("special tokens after the text alone", () => {
  const { post_processor } = TINY_TOKENIZER;
  const single = post_processor.single.slice(1);
  const suffixed = textTokenizer({ ...TINY_TOKENIZER, post_processor: { ...post_processor, single } }, {});
  expect(suffixed.truncate(suffixed.encode("a b c"), 3, "right").ids).toEqual([4, 5, 3]);
});

test("the padding token comes from tokenizer.json, else from tokenizer_config.json, else it is 0", () => {
  expect(textTokenizer({ ...TINY_TOKENIZER, padding: { pad_id: 9 } }, {}).padId).toBe(9);
  expect(textTokenizer(TINY_TOKENIZER, { pad_token: "[SEP]" }).padId).toBe(3);
  expect(textTokenizer(TINY_TOKENIZER, { pad_token: { content: "c" } }).padId).toBe(6);
  expect(textTokenizer(TINY_TOKENIZER, { pad_token: null }).padId).toBe(0);
  expect(tokenizer.padId).toBe(0);
});
