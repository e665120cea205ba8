import fc from "fast-check";
import { expect, test } from "vitest";
import { textStreamer } from "../../../../runtime/generation/text-streamer.ts";
import { withoutArtifacts } from "../../../../runtime/tokenizer/clean-up.ts";
import { textTokenizer } from "../../../../runtime/tokenizer/tokenizer.ts";
import type { TextTokenizer } from "../../../../runtime/tokenizer/types.ts";
import { search } from "../fuzz/search.ts";

/** A tokenizer of these tokens, numbered in their order; those in brackets are special. */
function tokenizerOf(tokens: readonly string[], decoder: object | null, model: object = {}): TextTokenizer {
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const added = tokens.flatMap((content, id) => (/^\[.*\]$/.test(content) ? [{ id, content }] : []));
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const definition = {
    version: "1.0",
    added_tokens: added.map((token) => ({ ...token, ...flags })),
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder,
    model: { type: "WordLevel", vocab, unk_token: tokens[0] ?? "", ...model },
  };
  return textTokenizer(definition, {});
}

const bytes = (text: string) =>
  [...Buffer.from(text)].map((byte) => `<0x${byte.toString(16).toUpperCase()}>`);
const SIGNS = ["[END]", "do", "n", "'", "t", "'t", ".", ",", "n't", "'s", "s", "v", "e", "re", "!", "?"];

/** ByteLevel's characters for the bytes of a text. */
const level = (text: string) =>
  [...Buffer.from(text)]
    .map((byte) =>
      byte > 0x20 && byte < 0x7f
        ? byte
        : byte === 0x20
          ? 0x120
          : byte + 0x00 >= 0xa1 && byte !== 0xad
            ? byte
            : 0x100 + (byte <= 0x20 ? byte : byte === 0x7f ? 33 : byte <= 0xa0 ? byte - 0x7f + 33 : 67),
    )
    .map((code) => String.fromCharCode(code));

const BLANKS = SIGNS.slice(1).map((sign) => `▁${sign}`);
const LLAMA = {
  type: "Sequence",
  decoders: [
    { type: "Replace", pattern: { String: "▁" }, content: " " },
    { type: "ByteFallback" },
    { type: "Fuse" },
    { type: "Strip", content: " ", start: 1, stop: 0 },
  ],
};

const TOKENIZERS: Readonly<Record<string, TextTokenizer>> = {
  "BERT's, which cleans up itself": tokenizerOf([...SIGNS, "##n", "##'t", "##s"], {
    type: "WordPiece",
    prefix: "##",
    cleanup: true,
  }),
  "BERT's, which does not": tokenizerOf([...SIGNS, "##n", "##'t"], {
    type: "WordPiece",
    prefix: "##",
    cleanup: false,
  }),
  "bytes, in halves of emoji": tokenizerOf(
    [...new Set([...SIGNS, ...level("😀é\n"), "Ġ", "Ġn", "Ġdo", "Ġ'"])],
    { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
  ),
  "SentencePiece's": tokenizerOf([...SIGNS, "▁", ...BLANKS], {
    type: "Metaspace",
    replacement: "▁",
    prepend_scheme: "always",
    split: true,
  }),
  "Llama's, with tokens of bytes": tokenizerOf(
    [...new Set([...SIGNS, "▁", ...BLANKS, ...bytes("A\n😀é")])],
    LLAMA,
  ),
  "words that say where they end": tokenizerOf([...SIGNS, "do</w>", "n</w>", "'t</w>", ".</w>"], {
    type: "BPEDecoder",
    suffix: "</w>",
  }),
  "tokens without a decoder": tokenizerOf(SIGNS, null),
};

/** All pieces, with the tokens that they came with. */
async function told(
  tokenizer: TextTokenizer,
  ids: readonly number[],
  options: { context?: readonly number[]; stop?: readonly string[]; cleanUp?: boolean },
) {
  const { context = [], stop = [], cleanUp = false } = options;
  const tell = textStreamer({ tokenizer, context, stop, cleanUp });
  const pieces: string[] = [];
  for (const [i, id] of ids.entries()) {
    const { piece, stopped } = await tell(id, i === ids.length - 1);
    pieces.push(piece);
    if (stopped) break;
  }
  return pieces;
}

const given = fc.record({
  which: fc.constantFrom(...Object.keys(TOKENIZERS)),
  tokens: fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
  before: fc.array(fc.nat(), { maxLength: 3 }),
  stop: fc.array(fc.constantFrom("n", "'t", "do", ".", "s s", "😀", "n't"), { maxLength: 2 }),
  cleanUp: fc.boolean(),
});

/** Numbers as tokens that the tokenizer has. */
const inVocabulary = (tokenizer: TextTokenizer, numbers: readonly number[]) => {
  const { vocab } = tokenizer.definition.model as unknown as { vocab: Record<string, number> };
  const size = Object.keys(vocab).length;
  return numbers.map((number) => number % size);
};

const decode = (tokenizer: TextTokenizer, ids: readonly number[]) =>
  ids.length === 0 ? "" : tokenizer.decode(ids, { skipSpecial: true, cleanUp: false });

test("the pieces of any text of its own, joined, are the whole, up to the first stop sequence", async () => {
  const property = fc.asyncProperty(given, async ({ which, tokens, stop, cleanUp }) => {
    const tokenizer = TOKENIZERS[which] as TextTokenizer;
    const ids = inVocabulary(tokenizer, tokens);
    const joined = (await told(tokenizer, ids, { stop, cleanUp })).join("");
    const texts: string[] = [];
    for (let length = 1; length <= ids.length; length++) {
      const text = await decode(tokenizer, ids.slice(0, length));
      texts.push(cleanUp ? withoutArtifacts(text) : text);
    }
    // Looked for after every token: a sequence may be there for a while, and be cleaned up by what follows.
    const first =
      texts.find((text) => stop.some((sequence) => text.includes(sequence))) ?? texts.at(-1) ?? "";
    const ends = stop.map((sequence) => first.indexOf(sequence)).filter((at) => at >= 0);
    expect(joined).toBe(first.slice(0, Math.min(first.length, ...ends)));
  });
  await search(property);
});

test("the pieces of a text that goes on are the whole without what was before", async () => {
  const property = fc.asyncProperty(given, async ({ which, tokens, before }) => {
    const tokenizer = TOKENIZERS[which] as TextTokenizer;
    const context = inVocabulary(tokenizer, before);
    const start = await decode(tokenizer, context);
    fc.pre(!start.endsWith("\ufffd"));
    const ids = inVocabulary(tokenizer, tokens);
    const whole = await decode(tokenizer, [...context, ...ids]);
    fc.pre(whole.startsWith(start));
    expect((await told(tokenizer, ids, { context })).join("")).toBe(whole.slice(start.length));
  });
  await search(property);
});

const spelled = (tokenizer: TextTokenizer, ...tokens: string[]) =>
  tokens.map((token) => tokenizer.idOf(token) ?? -1);

test("a blank that may be cleaned up is held back, and nothing is lost", async () => {
  const tokenizer = TOKENIZERS["bytes, in halves of emoji"] as TextTokenizer;
  const ids = spelled(tokenizer, "do", "Ġn", "'t", "!");
  expect(await told(tokenizer, ids, { cleanUp: true })).toEqual(["do", "", "n't", "!"]);
  expect(await told(tokenizer, ids, {})).toEqual(["do", " n", "'t", "!"]);
});

test("halves of a character are held back, and told at the end when the rest does not come", async () => {
  const tokenizer = TOKENIZERS["bytes, in halves of emoji"] as TextTokenizer;
  const half = spelled(tokenizer, ...level("😀"));
  expect(await told(tokenizer, [...half, ...spelled(tokenizer, "do")], {})).toEqual(["", "", "", "😀", "do"]);
  expect(await told(tokenizer, half.slice(0, 2), {})).toEqual(["", "\ufffd"]);
});

test("what begins a stop sequence is held back until it is one or not", async () => {
  const tokenizer = TOKENIZERS["SentencePiece's"] as TextTokenizer;
  const ids = spelled(tokenizer, "▁do", "n", "'t", "s");
  expect(await told(tokenizer, ids, { stop: ["n'ts"] })).toEqual(["do", "", "", ""]);
  expect(await told(tokenizer, ids, { stop: ["n'te"] })).toEqual(["do", "", "", "n'ts"]);
});
