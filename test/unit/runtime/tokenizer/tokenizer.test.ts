import { expect, test } from "vitest";
import type { Encoding } from "../../../../runtime/tokenizer/encoding.ts";
import { type TextOrPair, textTokenizer } from "../../../../runtime/tokenizer/tokenizer.ts";
import { TINY_TOKENIZER } from "../../../support/tiny-tokenizer.ts";

const PADDING = { strategy: "BatchLongest", pad_to_multiple_of: null, pad_type_id: 0, pad_token: "[PAD]" };
const offsets = (...all: [number, number][]) => all.map(([start, end]) => ({ start, end }));

const tokenizer = textTokenizer(TINY_TOKENIZER, {});

async function encode(text: TextOrPair, by = tokenizer, maxTokens = 100): Promise<Encoding> {
  const [encoded] = await by.encode([text], { maxTokens });
  return encoded?.encoding as Encoding;
}

test("a text becomes ids between special tokens, and its own are known", async () => {
  expect(await encode("A bd zzz")).toEqual({
    ids: [2, 4, 5, 7, 1, 3],
    typeIds: [0, 0, 0, 0, 0, 0],
    first: { start: 1, end: 5 },
    second: { start: 0, end: 0 },
    tokens: ["[CLS]", "a", "b", "##d", "[UNK]", "[SEP]"],
    offsets: offsets([0, 0], [0, 1], [2, 3], [3, 4], [5, 8], [0, 0]),
    wordIds: [null, 0, 1, 1, 2, null],
  });
  expect(tokenizer.specialTokens(1)).toBe(2);
});

test("two texts have a segment each", async () => {
  expect(await encode(["a b", "c"])).toEqual({
    ids: [2, 4, 5, 3, 6, 3],
    typeIds: [0, 0, 0, 0, 1, 1],
    first: { start: 1, end: 3 },
    second: { start: 4, end: 5 },
    tokens: ["[CLS]", "a", "b", "[SEP]", "c", "[SEP]"],
    offsets: offsets([0, 0], [0, 1], [2, 3], [0, 0], [0, 1], [0, 0]),
    wordIds: [null, 0, 1, null, 0, null],
  });
  expect(tokenizer.specialTokens(2)).toBe(3);
});

test.each([
  { text: "", ids: [2, 3] },
  { text: "a\u0000b", ids: [2, 1, 3] },
  { text: "a \ud800 b", ids: [2, 4, 5, 3] },
  { text: "[SEP] a", ids: [2, 3, 4, 3] },
])("odd text $text", async ({ text, ids }) => {
  expect((await encode(text)).ids).toEqual(ids);
});

test("a tokenizer without special tokens joins two texts as they are", async () => {
  const bare = textTokenizer({ ...TINY_TOKENIZER, post_processor: null }, {});
  expect([bare.specialTokens(1), bare.specialTokens(2)]).toEqual([0, 0]);
  expect(await encode(["a b", "c"], bare)).toMatchObject({
    ids: [4, 5, 6],
    typeIds: [0, 0, 1],
    second: { start: 2, end: 3 },
  });
});

test("special tokens after the text alone", async () => {
  const { post_processor } = TINY_TOKENIZER;
  const single = post_processor.single.slice(1);
  const suffixed = textTokenizer({ ...TINY_TOKENIZER, post_processor: { ...post_processor, single } }, {});
  expect((await encode("a b c", suffixed)).ids).toEqual([4, 5, 6, 3]);
});

test("ids become text again", async () => {
  expect(tokenizer.decode([2, 5, 7, 3])).toBe("[CLS] bd [SEP]");
  expect(tokenizer.decode([2, 5, 7, 3], { skipSpecial: true })).toBe("bd");
  expect(tokenizer.decode([])).toBe("");
  expect(tokenizer.spell(["b", "##d"])).toBe("bd");
});

test("the padding token comes from tokenizer.json, else from tokenizer_config.json, else it is 0", async () => {
  expect(
    textTokenizer({ ...TINY_TOKENIZER, padding: { ...PADDING, pad_id: 9, direction: "Left" } }, {}),
  ).toMatchObject({
    padId: 9,
    padSide: "left",
  });
  expect(textTokenizer(TINY_TOKENIZER, { pad_token: "[SEP]", padding_side: "left" })).toMatchObject({
    padId: 3,
    padSide: "left",
  });
  expect(textTokenizer(TINY_TOKENIZER, { pad_token: { content: "c" } }).padId).toBe(6);
  expect(textTokenizer(TINY_TOKENIZER, { pad_token: null }).padId).toBe(0);
  expect(tokenizer).toMatchObject({ padId: 0, padSide: "right" });
});

test("the mask token is the config's, else one of the usual names", async () => {
  expect(textTokenizer(TINY_TOKENIZER, { mask_token: "c" }).mask).toEqual({ id: 6, token: "c" });
  expect(tokenizer.mask).toBeUndefined();
});

test("text after decoding is cleaned up as tokenizer_config.json or the caller says", () => {
  const { decoder: _, ...rest } = TINY_TOKENIZER;
  const vocab = { ...TINY_TOKENIZER.model.vocab, ".": 8, "n't": 9 };
  const definition = { ...rest, model: { ...TINY_TOKENIZER.model, vocab } };
  const cleaning = textTokenizer(definition, { clean_up_tokenization_spaces: true });
  expect(cleaning.decode([4, 9, 8])).toBe("an't.");
  expect(cleaning.decode([4, 9, 8], { cleanUp: false })).toBe("a n't .");
  expect(textTokenizer(definition, {}).decode([4, 9, 8])).toBe("a n't .");
});

test("a text becomes windows that share tokens, alone or beside another", async () => {
  const windowsOf = async (texts: TextOrPair, maxTokens: number) => {
    const windows: Encoding[] = [];
    for await (const window of tokenizer.windows(texts, { maxTokens, stride: 1 })) windows.push(window);
    return windows;
  };
  const ids = (windows: readonly Encoding[]) => windows.map((window) => window.ids);
  expect(ids(await windowsOf("a b c a b", 5))).toEqual([
    [2, 4, 5, 6, 3],
    [2, 6, 4, 5, 3],
  ]);
  const pair = await windowsOf(["a", "a b c"], 6);
  expect(ids(pair)).toEqual([
    [2, 4, 3, 4, 5, 3],
    [2, 4, 3, 5, 6, 3],
  ]);
  expect(pair.map(({ first, second }) => [first, second])).toEqual([
    [
      { start: 1, end: 2 },
      { start: 3, end: 5 },
    ],
    [
      { start: 1, end: 2 },
      { start: 3, end: 5 },
    ],
  ]);
  expect(ids(await windowsOf("", 5))).toEqual([[2, 3]]);
  await expect(windowsOf("a", 3)).rejects.toThrow(RangeError);
});

test("windows of a text that is read in parts have every token of it, at its place", async () => {
  const words = Array.from(
    { length: 60_000 },
    (_, i) => ["a", "bd", "c", "😀", "zzz"][(i * i) % 5] as string,
  );
  const text = words.join(" ");
  const characters = [...text];
  let reached = 0;
  const windows = tokenizer.windows(["b", text], { maxTokens: 104, stride: 10 });
  for await (const { offsets, second, tokens } of windows) {
    expect(offsets[second.start]?.start).toBeLessThanOrEqual(reached);
    reached = offsets[second.end - 1]?.end ?? 0;
    const { start = 0, end = 0 } = offsets[second.end - 1] ?? {};
    const word = characters.slice(start, end).join("");
    expect(tokens[second.end - 1]).toBe(/^[abc]$/.test(word) ? word : word === "d" ? "##d" : "[UNK]");
  }
  expect(reached).toBe(characters.length);
});

test("offsets of a text that is not read from its start count from there", async () => {
  const [encoded] = await tokenizer.encode([`${"😀 a ".repeat(50_000)}bd`], {
    maxTokens: 5,
    direction: "left",
  });
  const { offsets: found = [], ids } = encoded?.encoding ?? {};
  expect(ids).toEqual([2, 4, 5, 7, 3]);
  expect(found.slice(1, 4)).toEqual(offsets([199_998, 199_999], [200_000, 200_001], [200_001, 200_002]));
  expect(encoded?.whole).toBe(false);
});

test.each(["left", "right"] as const)(
  "a text longer than what is read at once is read as far as the model does: cut at the %s",
  async (direction) => {
    const text = "a b c bd ".repeat(20_000);
    const [short, long] = await Promise.all(
      [50_000, 200_000].map(
        async (maxTokens) => (await tokenizer.encode([text], { maxTokens, direction }))[0],
      ),
    );
    expect(long).toMatchObject({ tokens: 100_002, whole: true });
    expect(long?.encoding?.ids.slice(0, 8)).toEqual([2, 4, 5, 6, 5, 7, 4, 5]);
    expect(long?.encoding?.ids.length).toBe(100_002);
    expect(long?.encoding?.offsets[100_000]).toEqual({ start: text.length - 2, end: text.length - 1 });
    expect(short?.encoding?.ids.length).toBe(50_000);
    const { ids = [], offsets = [] } = long?.encoding ?? {};
    const kept = <T>(all: readonly T[]) =>
      direction === "right" ? all.slice(1, 49_999) : all.slice(-49_999, -1);
    expect(short?.encoding?.ids.slice(1, -1)).toEqual(kept(ids));
    expect(short?.encoding?.offsets.slice(1, -1)).toEqual(kept(offsets));
  },
);
