import { expect, test } from "vitest";
import {
  type ExcerptPart,
  excerptOf,
  FARTHEST,
  firstReach,
  LONGEST,
} from "../../../../runtime/tokenizer/excerpt.ts";
import type { NativeEncoding } from "../../../../runtime/tokenizer/native-binding.ts";

/** Tokenizers that cut words, told apart by what they make of blanks; `seen` has the texts that they were given. */
function cutters() {
  const seen: string[] = [];
  const cutter = (cut: (text: string) => string[]) => async (text: string) => {
    seen.push(text);
    const tokens = cut(text);
    return { getTokens: () => tokens, getLength: () => tokens.length } as NativeEncoding;
  };
  return {
    seen,
    /** As GPT-2: the blank is the word's. */
    bytes: cutter((text) => text.match(/ ?[^\s]+|\s+(?!\S)|\s+/g) ?? []),
    /** As Llama: a blank before every text, also where there is one. */
    prepending: cutter((text) => ` ${text}`.match(/ ?[^ ]+| /g) ?? []),
    /** As BERT: blanks are nothing. */
    words: cutter((text) => text.match(/\S+/g) ?? []),
  };
}

const NAMES = ["bytes", "prepending", "words"] as const;
const FROM = ["start", "end"] as const;
const PROSE = Array.from({ length: 40_000 }, (_, i) => `word${i}${i % 7 ? " " : "  "}`).join("");
const between = () => {};
const tokensOf = (parts: readonly ExcerptPart[]) => parts.flatMap(({ native }) => native.getTokens());

test.each(NAMES.flatMap((name) => FROM.map((from) => ({ name, from }))))(
  "of a long text no more is read than is wanted, and its tokens are those of the whole: $name, $from",
  async ({ name, from }) => {
    const { seen, [name]: encode } = cutters();
    const whole = (await encode(PROSE)).getTokens();
    seen.length = 0;
    const { parts, whole: isWhole } = await excerptOf(encode, PROSE, { tokens: 500, from, between });
    const tokens = tokensOf(parts);
    const kept = (all: string[]) => (from === "start" ? all.slice(0, 500) : all.slice(-500));
    expect(kept(tokens)).toEqual(kept(whole));
    expect(isWhole).toBe(false);
    expect(parts.map(({ start, end }) => PROSE.slice(start, end))).toEqual(seen.slice(-1));
    expect(seen.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(firstReach(500) + 1024);
  },
);

test.each((["bytes", "words"] as const).flatMap((name) => FROM.map((from) => ({ name, from }))))(
  "more is read until there are enough tokens, and no more than that at once: $name, $from",
  async ({ name, from }) => {
    const { seen, [name]: encode } = cutters();
    const whole = (await encode(PROSE)).getTokens();
    seen.length = 0;
    const { parts } = await excerptOf(encode, PROSE, { tokens: 30_000, from, between });
    const kept = (all: string[]) => (from === "start" ? all.slice(0, 30_000) : all.slice(-30_000));
    expect(kept(tokensOf(parts))).toEqual(kept(whole));
    expect(parts.length).toBeGreaterThan(3);
    expect(Math.max(...seen.map(({ length }) => length))).toBeLessThanOrEqual(LONGEST + 1024);
  },
);

test.each(FROM)("blanks are passed over, however many: from the %s", async (from) => {
  const { seen, words } = cutters();
  const blanks = " ".repeat(5_000_000);
  const text = `${blanks}one word${blanks}`;
  const { parts } = await excerptOf(words, text, { tokens: 10, from, between });
  expect(tokensOf(parts)).toEqual(["one", "word"]);
  expect(parts[0]?.start).toBeLessThanOrEqual(text.indexOf("one"));
  expect(seen.length).toBeLessThan(12);
});

test("what has no token is given up after a while, and the time is looked at meanwhile", async () => {
  const nothing = async () => ({ getLength: () => 0 }) as NativeEncoding;
  let looks = 0;
  const wanted = { tokens: 10, from: "start", between: () => looks++ } as const;
  const { whole } = await excerptOf(nothing, "\ud800".repeat(10_000_000), wanted);
  expect(whole).toBe(false);
  expect(looks).toBeGreaterThan(5);
  expect(looks).toBeLessThan(FARTHEST / LONGEST + 3);
  const late = () => {
    throw new Error("late");
  };
  await expect(excerptOf(nothing, PROSE, { ...wanted, between: late })).rejects.toThrow("late");
});

test.each(FROM)("where there is no blank, no character is split: from the %s", async (from) => {
  const { seen, bytes } = cutters();
  await excerptOf(bytes, `x${"😀".repeat(100_000)}`, { tokens: 10, from, between });
  expect(seen.every((part) => part.isWellFormed())).toBe(true);
});
