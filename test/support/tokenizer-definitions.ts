import { RAW_TEXTS } from "./awkward-texts.ts";

type Json = Readonly<Record<string, unknown>>;

/** Characters as the texts have them and as normalizers make them; every seventh one is left unknown. */
const CHARACTERS = (() => {
  const forms = RAW_TEXTS.map((text) => text.toWellFormed()).flatMap((text) =>
    [text, text.toLowerCase(), text.normalize("NFD"), text.normalize("NFKC"), text.normalize("NFKD")].flatMap(
      (form) => [...form],
    ),
  );
  const all = [
    ...new Set([...forms, "▁", ..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"]),
  ];
  return all.filter((character, i) => /[\w ▁ü]/.test(character) || i % 7 !== 0);
})();

const WORDS = [
  "hello",
  "world",
  "word",
  "The",
  "the",
  "quick",
  "fox",
  "café",
  "東京",
  "für",
  "fü",
  "he",
  "lo",
  "wor",
];
const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<s>", "</s>", "<unk>", "<|endoftext|>"];
const BYTES = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
);

const byId = (tokens: readonly string[]) =>
  Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));
const added = (content: string, id: number, options: Json = {}) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
  ...options,
});

const isLineOrBlank = (token: string) => /[\s\u0085]/.test(token) || token.trim() !== token;

/** Merges that build the words letter by letter. */
const merges = (words: readonly string[], [prefix, suffix]: readonly [string, string] = ["", ""]) =>
  words.flatMap((word) => {
    const letters = [...word];
    return letters
      .slice(1)
      .map((letter, i): [string, string] => [
        letters.slice(0, i + 1).join(""),
        prefix + letter + (i === letters.length - 2 ? suffix : ""),
      ]);
  });

/** Every token that the merges need or make. */
const mergedTokens = (all: readonly (readonly [string, string])[], prefix = "") =>
  all.flatMap(([left, right]) => [left, right, left + right.slice(prefix.length)]);

function bpe(options: Json = {}, more: readonly string[] = []): Json {
  const { continuing_subword_prefix: prefix = null, end_of_word_suffix: suffix = null } = options as Record<
    string,
    string | null
  >;
  const all = merges(WORDS, [prefix ?? "", suffix ?? ""]);
  const characters = CHARACTERS.flatMap((character) => [
    character,
    ...(prefix ? [prefix + character] : []),
    ...(suffix ? [character + suffix] : []),
  ]);
  return {
    type: "BPE",
    dropout: null,
    unk_token: "<unk>",
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    ...options,
    vocab: byId([...SPECIAL, ...characters, ...mergedTokens(all, prefix ?? ""), ...more]),
    merges: all,
  };
}

const wordPiece = (options: Json = {}, more: readonly string[] = []): Json => ({
  type: "WordPiece",
  unk_token: "[UNK]",
  continuing_subword_prefix: "##",
  max_input_chars_per_word: 100,
  ...options,
  vocab: byId([
    ...SPECIAL,
    ...[...CHARACTERS.flatMap((character) => [character, `##${character}`]), ...WORDS, "##s", "##ly"].filter(
      (token) => !isLineOrBlank(token),
    ),
    ...more,
  ]),
});

const wordLevel = (more: readonly string[] = []): Json => ({
  type: "WordLevel",
  unk_token: "<unk>",
  vocab: byId([...SPECIAL, ...CHARACTERS, ...WORDS, ...more]),
});

const unigram = (options: Json = {}, more: readonly string[] = []): Json => ({
  type: "Unigram",
  unk_id: SPECIAL.indexOf("<unk>"),
  byte_fallback: false,
  ...options,
  vocab: [...new Set([...SPECIAL, ...CHARACTERS, ...WORDS, ...WORDS.map((word) => `▁${word}`), ...more])].map(
    (token, i) => [token, i < SPECIAL.length ? 0 : -2 - i / 1000 + [...token].length],
  ),
});

const idOf = (token: string) => SPECIAL.indexOf(token);
const token = (id: string, typeId = 0) => ({ SpecialToken: { id, type_id: typeId } });
const sequence = (id: "A" | "B", typeId = 0) => ({ Sequence: { id, type_id: typeId } });
const specials = Object.fromEntries(
  ["[CLS]", "[SEP]", "<s>", "</s>"].map((id) => [id, { id, ids: [idOf(id)], tokens: [id] }]),
);
const TEMPLATE = {
  type: "TemplateProcessing",
  single: [token("[CLS]"), sequence("A"), token("[SEP]")],
  pair: [token("[CLS]"), sequence("A"), token("[SEP]"), sequence("B", 1), token("[SEP]", 1)],
  special_tokens: specials,
};

const BASE = {
  version: "1.0",
  truncation: null,
  padding: null,
  added_tokens: SPECIAL.map((content, id) => added(content, id)),
  normalizer: null,
  pre_tokenizer: { type: "Whitespace" },
  post_processor: TEMPLATE,
  decoder: null,
  model: bpe(),
};

const BERT = {
  type: "BertNormalizer",
  clean_text: true,
  handle_chinese_chars: true,
  strip_accents: null,
  lowercase: true,
};
const METASPACE = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
const BYTE_LEVEL = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
const GPT_SPLIT = String.raw`'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+`;
const BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"];

/** GPT-2's letters for bytes, of which a byte-level vocabulary is made. */
const BYTE_LETTERS = (() => {
  const printable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();
const byteBpe = (options: Json = {}): Json => {
  const all: [string, string][] = [
    ...merges(["Ġhello", "Ġworld", "Ġthe", "hello", "ĠÃ"]),
    ["Ã", "¼"],
    ["ð", "Ł"],
  ];
  return {
    ...bpe(),
    unk_token: null,
    ...options,
    vocab: byId([
      ...SPECIAL,
      ...BYTE_LETTERS,
      ...all.flatMap(([left, right]) => [left, right, left + right]),
    ]),
    merges: all,
  };
};

/** A charsmap of SentencePiece with a few rules: https://github.com/google/sentencepiece/blob/master/src/normalizer.cc */
function charsmap(rules: Readonly<Record<string, string>>): string {
  const values = Buffer.from(
    Object.values(rules)
      .map((value) => `${value}\0`)
      .join(""),
  );
  const starts = Object.values(rules).map((_, i, all) =>
    Buffer.byteLength(all.slice(0, i).join("\0") + (i > 0 ? "\0" : "")),
  );
  const units: number[] = [];
  const taken = new Set<number>();
  const place = (entries: readonly (readonly [Buffer, number])[], depth: number, at: number): void => {
    const bytes = [...new Set(entries.map(([key]) => key[depth] ?? 0))];
    let base = 1;
    while (bytes.some((byte) => taken.has(base ^ byte)) || taken.has(base) || base === at) base++;
    for (const byte of [...bytes, 0]) taken.add(base ^ byte);
    const leaf = bytes.includes(0) ? 1 << 8 : 0;
    units[at] = ((units[at] ?? 0) | ((base ^ at) << 10) | leaf) >>> 0;
    for (const byte of bytes) {
      const own = entries.filter(([key]) => (key[depth] ?? 0) === byte);
      if (byte === 0) units[base] = ((own[0]?.[1] ?? 0) | (1 << 31)) >>> 0;
      else {
        units[base ^ byte] = byte;
        place(own, depth + 1, base ^ byte);
      }
    }
  };
  taken.add(0);
  place(
    Object.keys(rules).map((key, i) => [Buffer.from(key), starts[i] ?? 0] as const),
    0,
    0,
  );
  const trie = Buffer.alloc(4 * 1024);
  for (const [i, unit] of Object.entries(units)) trie.writeUInt32LE(unit, 4 * Number(i));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(trie.length);
  return Buffer.concat([size, trie, values]).toString("base64");
}

const normalized = (normalizer: Json, rest: Json = {}) => ({ ...BASE, normalizer, ...rest });
const cut = (pre_tokenizer: Json | null, rest: Json = {}) => ({ ...BASE, pre_tokenizer, ...rest });
const modelled = (model: Json, rest: Json = {}) => ({ ...BASE, model, ...rest });
const finished = (post_processor: Json | null, rest: Json = {}) => ({ ...BASE, post_processor, ...rest });
const decoded = (decoder: Json | null, rest: Json = {}) => ({ ...BASE, decoder, ...rest });
const withAdded = (options: Json, rest: Json = {}) => ({
  ...BASE,
  ...rest,
  added_tokens: [
    ...BASE.added_tokens,
    ...["ADDED", "LEFT", "RIGHT", "BOTH", "word", "café"].map((content, i) =>
      added(content, Object.keys(BASE.model.vocab as object).length + i, options),
    ),
  ],
});

/** A tokenizer.json for each option of each part of the library, by what it is about. */
export const DEFINITIONS: Readonly<Record<string, Json>> = {
  "the issue's: Whitespace and für": {
    ...BASE,
    added_tokens: [],
    post_processor: null,
    model: {
      type: "BPE",
      vocab: { f: 1, ü: 2, r: 3, fü: 4, für: 5 },
      merges: [
        ["f", "ü"],
        ["fü", "r"],
      ],
    },
  },
  ...Object.fromEntries(
    [
      {},
      { clean_text: false },
      { handle_chinese_chars: false },
      { clean_text: false, handle_chinese_chars: false },
      ...[true, false, null].flatMap((strip_accents) =>
        [true, false].map((lowercase) => ({ strip_accents, lowercase })),
      ),
    ].map((options) => [`BertNormalizer ${JSON.stringify(options)}`, normalized({ ...BERT, ...options })]),
  ),
  ...Object.fromEntries(
    ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt"].flatMap((type) => [
      [type, normalized({ type })],
      [`${type}, no pre-tokenizer`, normalized({ type }, { pre_tokenizer: null })],
    ]),
  ),
  ...Object.fromEntries(
    [true, false].flatMap((left) =>
      [true, false].map((right) => [
        `Strip ${left} ${right}`,
        normalized({ type: "Strip", strip_left: left, strip_right: right }, { pre_tokenizer: null }),
      ]),
    ),
  ),
  "NFD, StripAccents and Lowercase": normalized({
    type: "Sequence",
    normalizers: [{ type: "NFD" }, { type: "StripAccents" }, { type: "Lowercase" }],
  }),
  "Replace of a text": normalized({ type: "Replace", pattern: { String: "a" }, content: "bc" }),
  "Replace of an expression": normalized({ type: "Replace", pattern: { Regex: "\\s+" }, content: " " }),
  Prepend: normalized({ type: "Prepend", prepend: "▁" }, { pre_tokenizer: null }),
  "Llama's: Prepend, Replace, bytes": {
    ...BASE,
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    model: bpe({ byte_fallback: true, fuse_unk: true }, BYTES),
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
  },
  "ByteLevel as a normalizer": normalized({ type: "ByteLevel" }, { pre_tokenizer: null, model: byteBpe() }),
  Precompiled: normalized(
    {
      type: "Precompiled",
      precompiled_charsmap: charsmap({
        "\ufb01": "fi",
        "\u2167": "VIII",
        "\u3000": " ",
        "\u00bd": "1/2",
        "\u338f": "kg",
        "\u00ad": "",
        "\uff76\uff9e": "\u30ac",
        "e\u0301": "\u00e9",
      }),
    },
    { pre_tokenizer: METASPACE, model: unigram() },
  ),

  "no pre-tokenizer": cut(null),
  BertPreTokenizer: cut({ type: "BertPreTokenizer" }, { model: wordPiece() }),
  Whitespace: cut({ type: "Whitespace" }, { model: wordPiece() }),
  WhitespaceSplit: cut({ type: "WhitespaceSplit" }),
  CharDelimiterSplit: cut({ type: "CharDelimiterSplit", delimiter: "," }),
  UnicodeScripts: cut({ type: "UnicodeScripts" }),
  "FixedLength 3": cut({ type: "FixedLength", length: 3 }),
  "Digits together": cut({ type: "Digits", individual_digits: false }),
  "Digits apart": cut({ type: "Digits", individual_digits: true }),
  ...Object.fromEntries(
    BEHAVIORS.flatMap((behavior) => [
      [`Punctuation ${behavior}`, cut({ type: "Punctuation", behavior })],
      ...[true, false].flatMap((invert) => [
        [
          `Split of a text ${behavior} ${invert}`,
          cut({ type: "Split", pattern: { String: " " }, behavior, invert }),
        ],
        [
          `Split of an expression ${behavior} ${invert}`,
          cut({ type: "Split", pattern: { Regex: "\\p{N}+|[a-z]+" }, behavior, invert }),
        ],
      ]),
    ]),
  ),
  ...Object.fromEntries(
    ["always", "first", "never"].flatMap((prepend_scheme) =>
      [true, false].map((split) => [
        `Metaspace ${prepend_scheme} ${split}`,
        cut(
          { ...METASPACE, prepend_scheme, split },
          { model: unigram(), decoder: { ...METASPACE, prepend_scheme, split } },
        ),
      ]),
    ),
  ),
  ...Object.fromEntries(
    [true, false].flatMap((add_prefix_space) =>
      [true, false].flatMap((use_regex) =>
        [true, false].map((trim_offsets) => {
          const own = { ...BYTE_LEVEL, add_prefix_space, use_regex, trim_offsets };
          return [
            `ByteLevel ${add_prefix_space} ${use_regex} ${trim_offsets}`,
            cut(own, { model: byteBpe(), post_processor: own, decoder: own }),
          ];
        }),
      ),
    ),
  ),
  "a sequence of pre-tokenizers": cut({
    type: "Sequence",
    pretokenizers: [
      { type: "WhitespaceSplit" },
      { type: "Punctuation", behavior: "Isolated" },
      { type: "Digits", individual_digits: true },
    ],
  }),
  "GPT-4's expression": cut(
    {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: GPT_SPLIT }, behavior: "Isolated", invert: false },
        { ...BYTE_LEVEL, use_regex: false },
      ],
    },
    { model: byteBpe(), decoder: BYTE_LEVEL },
  ),

  "BPE fusing what is unknown": modelled(bpe({ fuse_unk: true })),
  "BPE without an unknown token": modelled(bpe({ unk_token: null })),
  "BPE with bytes": modelled(bpe({ byte_fallback: true }, BYTES)),
  "BPE with some of the bytes": modelled(bpe({ byte_fallback: true, fuse_unk: true }, BYTES.slice(0, 200))),
  "BPE with a prefix": modelled(bpe({ continuing_subword_prefix: "##" })),
  "BPE with a suffix": modelled(bpe({ end_of_word_suffix: "</w>" }), {
    decoder: { type: "BPEDecoder", suffix: "</w>" },
  }),
  "BPE with an empty prefix and suffix": modelled(
    bpe({ continuing_subword_prefix: "", end_of_word_suffix: "" }),
  ),
  "BPE that ignores merges": modelled(bpe({ ignore_merges: true }, ["unbelievably", "live"])),
  "BPE with a dropout of 0": modelled(bpe({ dropout: 0 })),
  "BPE with an id left out": modelled({ ...bpe(), vocab: { ...(bpe()["vocab"] as object), far: 99_999 } }),
  "BPE of tokens with blanks": modelled(
    {
      ...bpe(),
      vocab: byId([...SPECIAL, ...CHARACTERS, "a ", "a b", " b"]),
      merges: [
        ["a", " "],
        ["a ", "b"],
      ],
    },
    { pre_tokenizer: null },
  ),
  WordPiece: modelled(wordPiece()),
  "WordPiece with another prefix": modelled(
    wordPiece({ continuing_subword_prefix: "@" }, ["@a", "@e", "@l", "@o"]),
  ),
  "WordPiece of short words": modelled(wordPiece({ max_input_chars_per_word: 5 })),
  "WordPiece with blanks and line ends as tokens": modelled(
    wordPiece({}, ["a ", " ", "a\nb", "\r", "\u0085", ""]),
  ),
  "WordPiece with an id left out": modelled({
    ...wordPiece(),
    vocab: { ...(wordPiece()["vocab"] as object), far: 99_999 },
  }),
  WordLevel: modelled(wordLevel(["unbelievably"])),
  Unigram: modelled(unigram()),
  "Unigram with bytes": modelled(unigram({ byte_fallback: true }, BYTES), {
    decoder: { type: "ByteFallback" },
  }),

  "no post-processor": finished(null),
  BertProcessing: finished({
    type: "BertProcessing",
    sep: ["[SEP]", idOf("[SEP]")],
    cls: ["[CLS]", idOf("[CLS]")],
  }),
  ...Object.fromEntries(
    [true, false].flatMap((trim_offsets) =>
      [true, false].map((add_prefix_space) => [
        `RobertaProcessing ${trim_offsets} ${add_prefix_space}`,
        finished(
          {
            type: "RobertaProcessing",
            sep: ["</s>", idOf("</s>")],
            cls: ["<s>", idOf("<s>")],
            trim_offsets,
            add_prefix_space,
          },
          { pre_tokenizer: { ...BYTE_LEVEL, add_prefix_space }, model: byteBpe(), decoder: BYTE_LEVEL },
        ),
      ]),
    ),
  ),
  "a template that ends with the class": finished({
    ...TEMPLATE,
    single: [sequence("A", 2), token("[SEP]", 2), token("[CLS]", 3)],
    pair: [sequence("A"), token("[SEP]"), sequence("B", 1), token("[SEP]", 1), token("[CLS]", 2)],
  }),
  "a template of one segment": finished({
    ...TEMPLATE,
    pair: [token("<s>"), sequence("A"), token("</s>"), token("</s>"), sequence("B"), token("</s>")],
  }),
  "a template whose token is several": finished({
    ...TEMPLATE,
    special_tokens: { ...specials, "[SEP]": { id: "[SEP]", ids: [3, 4], tokens: ["[SEP]", "[MASK]"] } },
  }),
  "a sequence of post-processors": finished(
    { type: "Sequence", processors: [BYTE_LEVEL, TEMPLATE] },
    { pre_tokenizer: { ...BYTE_LEVEL, add_prefix_space: true }, model: byteBpe(), decoder: BYTE_LEVEL },
  ),

  "WordPiece's decoder": decoded({ type: "WordPiece", prefix: "##", cleanup: false }, { model: wordPiece() }),
  "WordPiece's decoder that cleans up": decoded(
    { type: "WordPiece", prefix: "##", cleanup: true },
    { model: wordPiece() },
  ),
  "CTC's decoder": decoded({ type: "CTC", pad_token: "[PAD]", word_delimiter_token: "|", cleanup: true }),
  "CTC's decoder that cleans nothing": decoded({
    type: "CTC",
    pad_token: "[PAD]",
    word_delimiter_token: "|",
    cleanup: false,
  }),
  "Fuse as decoder": decoded({ type: "Fuse" }),
  "Strip as decoder": decoded({ type: "Strip", content: "a", start: 1, stop: 0 }),
  "Replace as decoder": decoded({ type: "Replace", pattern: { Regex: "[aeiou]" }, content: "_" }),

  ...Object.fromEntries(
    (["single_word", "lstrip", "rstrip", "normalized", "special"] as const).flatMap((option) =>
      [true, false].flatMap((value) => [
        [`added tokens ${option} ${value}`, withAdded({ [option]: value })],
        [
          `added tokens ${option} ${value}, lower case`,
          withAdded(
            { [option]: value, normalized: option === "normalized" ? value : true, special: false },
            { normalizer: BERT },
          ),
        ],
      ]),
    ),
  ),
  "added tokens that strip both sides of whole words": withAdded({
    single_word: true,
    lstrip: true,
    rstrip: true,
    special: false,
  }),
  "added tokens beside Metaspace": withAdded(
    { lstrip: true },
    { pre_tokenizer: { ...METASPACE, prepend_scheme: "first" } },
  ),
  "added tokens with the ids of others": {
    ...BASE,
    added_tokens: [
      ...BASE.added_tokens,
      added("ADDED", idOf("[MASK]")),
      added("word", 4, { special: false }),
    ],
  },
  "truncation and padding of its own": {
    ...BASE,
    truncation: { direction: "Left", max_length: 5, strategy: "LongestFirst", stride: 1 },
    padding: {
      strategy: { Fixed: 20 },
      direction: "Left",
      pad_to_multiple_of: 8,
      pad_id: 0,
      pad_type_id: 3,
      pad_token: "[PAD]",
    },
  },
};
