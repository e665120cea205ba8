import { TINY_TOKENIZER } from "../../unit/runtime/tiny-tokenizer.ts";

/** A tokenizer.json that images/model/vocabulary.py might get wrong. */
export interface OddTokenizer {
  readonly definition: object;
  /** Its tokenizer_config.json. */
  readonly config?: object;
  /** Whether its vocabulary can be taken out of it. */
  readonly split: boolean;
}

const byId = (tokens: readonly string[]) => Object.fromEntries(tokens.map((token, id) => [token, id]));
const added = (content: string, id: number, special = false) => ({ content, id, special, normalized: false });
const SPECIAL = TINY_TOKENIZER.added_tokens;

function wordPiece(vocab: object, more: readonly object[] = [], model: object = {}) {
  return {
    ...TINY_TOKENIZER,
    normalizer: null,
    added_tokens: [...SPECIAL, ...more],
    model: { ...TINY_TOKENIZER.model, ...model, vocab },
  };
}

const FIRST = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];

function bpe(vocab: object, merges: readonly string[], model: object = {}, more: readonly object[] = []) {
  return {
    added_tokens: more,
    normalizer: null,
    pre_tokenizer: { type: "Whitespace" },
    post_processor: null,
    decoder: { type: "ByteFallback" },
    model: { type: "BPE", unk_token: null, fuse_unk: false, byte_fallback: false, ...model, vocab, merges },
  };
}

const LETTERS = ["<unk>", "a", "b", "ab", "é"];
const BYTES = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
);

/** By what is odd about them. */
export const ODD_TOKENIZERS: Readonly<Record<string, OddTokenizer>> = {
  "a reserved token whose id is given to another": {
    definition: wordPiece(byId([...FIRST, "a", "[unused0]", "##b"]), [added("<tool>", 5), added("[NEW]", 7)]),
    split: true,
  },
  "two added tokens of one id": {
    definition: wordPiece(byId([...FIRST, "a", "b"]), [added("<x>", 4), added("<y>", 4), added("a", 4)]),
    split: true,
  },
  "an added token whose id is not that of the vocabulary": {
    definition: wordPiece(byId([...FIRST, "a", "b"]), [added("b", 9), added("far", 100, true)]),
    split: true,
  },
  "line ends other than \\n, a byte order mark, a NUL and nothing as tokens": {
    definition: wordPiece(byId(["\uFEFF", ...FIRST, "\r", "\r\u2028", "\u0085", "\0", "a", ""])),
    split: true,
  },
  "nothing as its last but one token": { definition: wordPiece(byId([...FIRST, "", "a"])), split: true },
  "a line end in a token": { definition: wordPiece(byId([...FIRST, "a\nb", "a"])), split: false },
  "tokens that are one after NFC": {
    definition: wordPiece(byId([...FIRST, "\u00e9", "e\u0301", "\u212b", "\u00c5", "##\u0301", "e"])),
    split: true,
  },
  "names that objects have of themselves, and numbers": {
    definition: wordPiece(
      JSON.parse(
        `{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"__proto__":4,"constructor":5,"7":6,"0":7,"toString":8,"a":9}`,
      ),
    ),
    split: true,
  },
  "an unknown token that only added_tokens has": {
    definition: wordPiece(byId(["a", "b"]), [], { unk_token: "[NONE]" }),
    split: true,
  },
  "a gap in its ids": { definition: wordPiece({ ...byId([...FIRST, "a"]), b: 9 }), split: false },
  "an id for two tokens": { definition: wordPiece({ ...byId([...FIRST, "a"]), b: 4 }), split: false },
  "half of a character as a token": {
    definition: wordPiece(byId([...FIRST, "a", "\ud83d"])),
    split: false,
  },
  "half of a character elsewhere": {
    definition: wordPiece(byId([...FIRST, "a"]), [added("\ud83d", 5)]),
    split: false,
  },
  "bytes for what it does not know": {
    definition: bpe(byId([...LETTERS, ...BYTES]), ["a b"], { byte_fallback: true, unk_token: "<unk>" }),
    split: true,
  },
  "bytes, but not all of them": {
    definition: bpe(byId([...LETTERS, ...BYTES.slice(0, 200)]), ["a b"], {
      byte_fallback: true,
      unk_token: "<unk>",
      fuse_unk: true,
    }),
    split: true,
  },
  "no unknown token": { definition: bpe(byId(LETTERS), ["a b"]), split: true },
  "words that need no merge": {
    definition: bpe(byId([...LETTERS, "hello"]), ["a b"], { ignore_merges: true, unk_token: "<unk>" }),
    split: true,
  },
  "ends of words": {
    definition: bpe(byId(["<unk>", "a", "b", "b</w>", "a</w>", "ab</w>"]), ["a b</w>"], {
      end_of_word_suffix: "</w>",
      unk_token: "<unk>",
    }),
    split: true,
  },
  "whole words": {
    definition: {
      ...bpe({}, []),
      model: { type: "WordLevel", vocab: byId(["<unk>", "hello", "world"]), unk_token: "<unk>" },
    },
    config: { unk_token: "<unk>" },
    split: false,
  },
  "a vocabulary per language": {
    definition: { ...bpe({}, []), model: { vocab: { eng: byId(LETTERS), fra: byId(LETTERS) } } },
    config: { target_lang: "eng", unk_token: "<unk>" },
    split: false,
  },
};
