import { expect, test } from "vitest";
import { pieceReader } from "../../../../runtime/text/parts.ts";
import { textTokenizer } from "../../../../runtime/tokenizer.ts";
import { TINY_TOKENIZER } from "../tiny-tokenizer.ts";

/** Tokenizers that cut words, told apart by what they make of blanks; `seen` has the texts that they were given. */
function tokenizers() {
  const seen: string[] = [];
  const cutter = (cut: (text: string) => string[]) => (text: string) => {
    seen.push(text);
    const tokens = cut(text);
    return { tokens, ids: tokens.map(({ length }) => length) };
  };
  return {
    seen,
    /** As GPT-2: the blank is the word's. */
    bytes: cutter((text) => text.match(/ ?[^\s]+|\s+(?!\S)|\s+/g) ?? []),
    /** As Llama: a blank before every text, also where there is one. */
    prepending: cutter((text) => ` ${text}`.match(/ ?[^ ]+| /g) ?? []),
    /** As T5: a blank before a text that has none. */
    metaspace: cutter((text) => text.replace(/^(?! )/, " ").match(/ ?[^ ]+| /g) ?? []),
  };
}

const NAMES = ["bytes", "prepending", "metaspace"] as const;
const PROSE = Array.from({ length: 9000 }, (_, i) => `word${i}${i % 7 ? " " : "  "}`).join("");

test.each(NAMES)("a long text has the same tokens in parts as at once: %s", (name) => {
  const { seen, [name]: encode } = tokenizers();
  const whole = encode(PROSE);
  seen.length = 0;
  const { ids, tokens, read } = pieceReader(encode)(PROSE);
  expect({ ids, tokens, read }).toEqual({ ...whole, read: { start: 0, end: PROSE.length } });
  expect(Math.max(...seen.map(({ length }) => length))).toBeLessThanOrEqual(8192);
});

test("a text that fits into one part is cut as it is", () => {
  const { seen, bytes } = tokenizers();
  const text = PROSE.slice(0, 8192);
  pieceReader(bytes)(text);
  expect(seen).toEqual([text]);
});

test.each(NAMES)("no more is read than is wanted, from either end: %s", (name) => {
  const { seen, [name]: encode } = tokenizers();
  const whole = encode(PROSE).tokens;
  const read = pieceReader(encode);
  read(PROSE, { most: 1 });
  seen.length = 0;
  const first = read(PROSE, { most: 2000, keep: "first" });
  const last = read(PROSE, { most: 2000, keep: "last" });
  expect(first.tokens.slice(0, 2000)).toEqual(whole.slice(0, 2000));
  expect(last.tokens.slice(-2000)).toEqual(whole.slice(-2000));
  expect(seen.length).toBeLessThan(6);
  expect(PROSE.slice(first.read.start, first.read.end).trim().split(/ +/)).toHaveLength(
    first.tokens.filter((token) => token.trim()).length,
  );
  expect(last.read.end).toBe(PROSE.length);
});

test("between two parts the time can be looked at", () => {
  let parts = 0;
  const between = () => {
    if (++parts === 3) throw new Error("late");
  };
  expect(() => pieceReader(tokenizers().bytes)(PROSE, { between })).toThrow("late");
});

test.each([
  { about: "blanks", text: " ".repeat(100_000) },
  { about: "lines", text: "a line\n".repeat(20_000) },
  { about: "characters of two units", text: `x${"😀".repeat(30_000)}` },
])("where there is no place to cut, no character is split: $about", ({ text }) => {
  const { seen, bytes } = tokenizers();
  pieceReader(bytes)(text);
  expect(seen.slice(-Math.ceil(text.length / 8192)).every((part) => part.isWellFormed())).toBe(true);
});

test("a real tokenizer reads 10 MB in parts", () => {
  const tokenizer = textTokenizer(TINY_TOKENIZER, {});
  const { ids } = tokenizer.pieces("a bd ".repeat(2_000_000));
  expect(ids).toHaveLength(6_000_000);
  expect(new Set(ids)).toEqual(new Set([4, 5, 7]));
});
