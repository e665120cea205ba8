import { expect, test } from "vitest";
import { offsetsOf } from "../../../../runtime/text/offsets.ts";
import { slice, wholeWords } from "../../../../runtime/text/words.ts";
import { textTokenizer } from "../../../../runtime/tokenizer.ts";
import { TINY_TOKENIZER } from "../tiny-tokenizer.ts";

const tokenizer = textTokenizer(TINY_TOKENIZER, {});
const parts = (text: string) => {
  const pieces = tokenizer.pieces(text);
  return offsetsOf(tokenizer, text, pieces).map((range, i) => [pieces.tokens[i], slice([...text], range)]);
};

test.each([
  {
    text: "a bd c",
    found: [
      ["a", "a"],
      ["b", "b"],
      ["##d", "d"],
      ["c", "c"],
    ],
  },
  {
    text: "  Á  B",
    found: [
      ["a", "Á"],
      ["b", "B"],
    ],
  },
  {
    text: "😀 a",
    found: [
      ["[UNK]", "😀"],
      ["a", "a"],
    ],
  },
  {
    text: "zebra a zoo",
    found: [
      ["[UNK]", "zebra"],
      ["a", "a"],
      ["[UNK]", "zoo"],
    ],
  },
  {
    text: "a [SEP] b",
    found: [
      ["a", "a"],
      ["[SEP]", "[SEP]"],
      ["b", "b"],
    ],
  },
  { text: "\u0000a\u200bb", found: [["[UNK]", "a\u200bb"]] },
  { text: "", found: [] },
])("$text", ({ text, found }) => {
  expect(parts(text)).toEqual(found);
});

test("characters are counted, not UTF-16 units", () => {
  expect(offsetsOf(tokenizer, "😀 a", tokenizer.pieces("😀 a"))).toEqual([
    { start: 0, end: 1 },
    { start: 2, end: 3 },
  ]);
});

test("whole words around tokens", () => {
  const widen = wholeWords(tokenizer, "😀 seaside, a");
  expect(widen({ start: 3, end: 4 }, { start: 5, end: 6 })).toEqual({ start: 2, end: 9 });
  expect(widen({ start: 9, end: 10 }, { start: 11, end: 12 })).toEqual({ start: 9, end: 12 });
});
