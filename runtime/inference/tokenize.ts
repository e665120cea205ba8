import type { TextModel } from "../model/model.ts";
import { BadRequest } from "../request/errors.ts";
import {
  boolean,
  oneOf,
  oneOfAnyCase,
  type ParameterValues,
  positiveInteger,
  unsupported,
} from "../request/parameters.ts";
import type { InferenceRequest } from "../request/request.ts";
import { timed, type Work } from "../request/work.ts";
import type { Encoding } from "../tokenizer/encoding.ts";
import type { Encoded, EncodeOptions, TextOrPair } from "../tokenizer/types.ts";

/**
 * Parameters of every task that takes texts. Names as in text-embeddings-inference and in transformers (`truncation`,
 * with its strategies), and `max_tokens`:
 * https://github.com/huggingface/huggingface.js/blob/main/packages/tasks/src/tasks/feature-extraction/spec/input.json
 */
export const TEXT_PARAMETERS = {
  truncate: boolean,
  truncation: oneOf([true, false, "do_not_truncate", "longest_first", "only_first", "only_second"]),
  truncation_direction: oneOfAnyCase(["right", "left"]),
  max_tokens: positiveInteger,
  /** Name of `max_tokens` in transformers' tokenizers. */
  max_length: positiveInteger,
  padding: unsupported(
    "texts are padded to the longest one of their batch",
    true,
    false,
    "longest",
    "do_not_pad",
  ),
  add_special_tokens: unsupported("special tokens are always added", true),
  return_tensors: unsupported("the answer is JSON", false),
  batch_size: unsupported("the batch size follows from the lengths of the texts"),
  tokenizer_kwargs: unsupported("send its fields as parameters instead: truncation, max_length", {}),
  tokenize_kwargs: unsupported("send its fields as parameters instead: truncation, max_length", {}),
};

type Strategy = NonNullable<EncodeOptions["strategy"]>;

export interface EncodeTextsOptions {
  readonly parameters: ParameterValues<typeof TEXT_PARAMETERS>;
  readonly pathOf: InferenceRequest["pathOf"];
  /** Path of a text in the request, for errors. */
  readonly fieldOf: (index: number) => string;
  readonly work: Work;
  readonly strategy?: Strategy;
}

/** A tokenized text or pair, and its index among the texts. */
export interface EncodedText {
  readonly encoding: Encoding;
  readonly index: number;
}

/**
 * Tokenizes each text or pair, up to `max_tokens` (default: the model's limit). A longer one is truncated, or refused if
 * `truncate` or `truncation` is false. Texts are read and yielded one by one.
 */
export async function* encodeTexts(
  { tokenizer, manifest: { maxTokens } }: Pick<TextModel, "tokenizer" | "manifest">,
  texts: Iterable<TextOrPair>,
  { parameters, pathOf, fieldOf, work, strategy: usual = "longest_first" }: EncodeTextsOptions,
): AsyncGenerator<EncodedText, void> {
  const usualDirection = tokenizer.config.truncation_side === "left" ? "left" : "right";
  const { truncation_direction: direction = usualDirection } = parameters;
  const given = parameters.max_tokens === undefined ? "max_length" : "max_tokens";
  const limit = parameters[given] ?? maxTokens;
  const truncation = parameters.truncation ?? parameters.truncate ?? true;
  const mayTruncate = truncation !== false && truncation !== "do_not_truncate";
  const strategy = typeof truncation === "string" && mayTruncate ? (truncation as Strategy) : usual;
  function* withRoom(): Generator<TextOrPair, void> {
    for (const text of texts) {
      const least = tokenizer.specialTokens(Array.isArray(text) ? 2 : 1) + 1;
      if (limit < least || limit > maxTokens)
        throw new BadRequest(pathOf(given), `this model takes ${least} to ${maxTokens}`);
      yield text;
    }
  }
  function checked({ encoding, tokens, whole }: Encoded, index: number): EncodedText {
    if (!mayTruncate && (tokens > limit || !whole)) {
      const count = `${whole ? "" : "more than "}${tokens} tokens`;
      throw new BadRequest(fieldOf(index), `${count}, and at most ${limit} are allowed`);
    }
    if (!encoding) {
      throw new BadRequest(
        fieldOf(index),
        `more than ${limit} tokens even after truncation as asked (${strategy})`,
      );
    }
    if (encoding.ids.length === 0)
      throw new BadRequest(fieldOf(index), "there is nothing in it for the model to read");
    return { encoding, index };
  }
  const options = { maxTokens: limit, direction, strategy, between: () => work.checkTime() };
  const batches = tokenizer.encodeEach(withRoom(), options);
  for (let index = 0; ; ) {
    const batch = await timed(work, "preprocessing", () => batches.next());
    if (batch.done) return;
    for (const one of batch.value) yield checked(one, index++);
  }
}
