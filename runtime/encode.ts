import type { CheckTime } from "./deadline.ts";
import { BadRequest } from "./errors.ts";
import type { Model } from "./model.ts";
import { boolean, oneOf, type ParameterValues, positiveInteger } from "./parameters.ts";
import type { InferenceRequest } from "./request.ts";
import type { Encoding } from "./tokenizer.ts";

/**
 * Parameters of every task that takes texts. Names as in text-embeddings-inference, and `max_tokens`:
 * https://github.com/huggingface/huggingface.js/blob/main/packages/tasks/src/tasks/feature-extraction/spec/input.json
 */
export const TEXT_PARAMETERS = {
  truncate: boolean,
  truncation_direction: oneOf(["right", "left"]),
  max_tokens: positiveInteger,
};

/**
 * Tokens of each text, at most `max_tokens` (the model's limit when not given). A longer text is truncated, or refused
 * when `truncate` is false.
 * @param fieldOf the path of a text in the request, for errors
 */
export function encodeTexts(
  { tokenizer, manifest: { maxTokens } }: Pick<Model, "tokenizer" | "manifest">,
  texts: readonly string[],
  options: {
    readonly parameters: ParameterValues<typeof TEXT_PARAMETERS>;
    readonly pathOf: InferenceRequest["pathOf"];
    readonly fieldOf: (index: number) => string;
    readonly checkTime: CheckTime;
  },
): Encoding[] {
  const { parameters, pathOf, fieldOf, checkTime } = options;
  const { max_tokens: limit = maxTokens, truncate = true, truncation_direction: from = "right" } = parameters;
  const least = tokenizer.specialTokens + 1;
  if (limit < least || limit > maxTokens) {
    throw new BadRequest(pathOf("max_tokens"), `this model takes ${least} to ${maxTokens}`);
  }
  return texts.map((text, index) => {
    checkTime();
    const encoding = tokenizer.encode(text);
    const { length } = encoding.ids;
    if (length === 0) throw new BadRequest(fieldOf(index), "there is nothing in it for the model to read");
    if (length > limit && !truncate) {
      throw new BadRequest(fieldOf(index), `${length} tokens, and at most ${limit} are allowed`);
    }
    return tokenizer.truncate(encoding, limit, from);
  });
}
