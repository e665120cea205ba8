import { expect, test } from "vitest";
import type { ModelConfig } from "../../../../runtime/model-files/config.ts";
import { translating } from "../../../../runtime/tasks/translating.ts";
import { textTokenizer } from "../../../../runtime/tokenizer/tokenizer.ts";
import { TINY_TOKENIZER } from "../../../support/tiny-tokenizer.ts";

/** The tiny tokenizer with a language's token in place of [CLS], or of the last [SEP]. */
function tokenizerWith(languages: readonly string[], place: "before" | "after" | "nowhere") {
  const [first] = languages;
  const token = { SpecialToken: { id: first, type_id: 0 } };
  const end = { SpecialToken: { id: "[SEP]", type_id: 0 } };
  const text = { Sequence: { id: "A", type_id: 0 } };
  const single = { before: [token, text, end], after: [text, end, token], nowhere: [text, end] }[place];
  const ids = new Map(languages.map((name, i) => [name, 8 + i]));
  return textTokenizer(
    {
      ...TINY_TOKENIZER,
      added_tokens: [
        ...TINY_TOKENIZER.added_tokens,
        ...languages.map((content) => ({
          ...TINY_TOKENIZER.added_tokens[0],
          id: ids.get(content) as number,
          content,
          special: true,
        })),
      ],
      post_processor: {
        type: "TemplateProcessing",
        single,
        pair: [...single, { Sequence: { id: "B", type_id: 0 } }],
        special_tokens: Object.fromEntries(
          [["[SEP]", 3] as const, ...ids].map(([id, number]) => [id, { id, ids: [number], tokens: [id] }]),
        ),
      },
    },
    {},
  );
}

const NLLB = tokenizerWith(["eng_Latn", "fra_Latn", "deu_Latn"], "before");
const MBART = tokenizerWith(["en_XX", "fr_XX"], "after");
const M2M100 = tokenizerWith(["__en__", "__fr__"], "before");
const PLAIN = textTokenizer(TINY_TOKENIZER, {});

async function translate(
  tokenizer: typeof NLLB,
  given: { src_lang?: string; tgt_lang?: string },
  config: ModelConfig = {},
) {
  const pathOf = (name: string) => `parameters.${name}`;
  const told = translating({ config, tokenizer }, "translation", { given, pathOf });
  const [encoded] = await tokenizer.encode(["a"], { maxTokens: 9 });
  const encoding = encoded?.encoding;
  return { ...told, ids: encoding && told.mark(encoding) };
}

test.each([
  { name: "NLLB", tokenizer: NLLB, source: "fra_Latn", target: "deu_Latn", ids: [9, 4, 3], first: 10 },
  { name: "mBART", tokenizer: MBART, source: "fr_XX", target: "en_XX", ids: [4, 3, 9], first: 8 },
  { name: "M2M100", tokenizer: M2M100, source: "fr", target: "en", ids: [9, 4, 3], first: 8 },
  {
    name: "M2M100, spelled out",
    tokenizer: M2M100,
    source: "__fr__",
    target: "__en__",
    ids: [9, 4, 3],
    first: 8,
  },
])("$name: the source's token before or after the text, the target's first", async (one) => {
  const { ids, forcedFirst } = await translate(one.tokenizer, { src_lang: one.source, tgt_lang: one.target });
  expect({ ids, forcedFirst }).toEqual({ ids: one.ids, forcedFirst: one.first });
});

test("without languages the tokenizer's own stays", async () => {
  expect(await translate(NLLB, {})).toMatchObject({ ids: [8, 4, 3], forcedFirst: undefined });
});

const PAIRS = {
  task_specific_params: {
    translation_en_to_fr: { prefix: "translate English to French: " },
    translation_en_to_de: { prefix: "translate English to German: " },
  },
};

test("T5: the words that its config has for the pair", async () => {
  const { own } = await translate(PLAIN, { src_lang: "en", tgt_lang: "de" }, PAIRS);
  expect(own).toEqual({ prefix: "translate English to German: " });
});

test.each([
  {
    tokenizer: NLLB,
    given: { src_lang: "eng_Latin" },
    error: 'src_lang: this model has no language "eng_Latin"; did you mean eng_Latn?',
  },
  {
    tokenizer: NLLB,
    given: { tgt_lang: "xx" },
    error: 'tgt_lang: this model has no language "xx"; it has eng_Latn, fra_Latn, deu_Latn',
  },
  {
    tokenizer: PLAIN,
    given: { tgt_lang: "fr" },
    error: 'tgt_lang: "fr" is not supported: this model translates between two languages only',
  },
  {
    tokenizer: PLAIN,
    given: { src_lang: "en", tgt_lang: "it" },
    config: PAIRS,
    error: "tgt_lang: this model translates en to fr, en to de",
  },
  {
    tokenizer: tokenizerWith(["en_XX"], "nowhere"),
    given: { src_lang: "en_XX" },
    error: "src_lang: this model's tokenizer adds no token for the language",
  },
])("$error", async ({ tokenizer, given, config, error }) => {
  await expect(translate(tokenizer, given, config)).rejects.toThrow(`parameters.${error}`);
});
