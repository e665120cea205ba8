import { BadRequest } from "./errors.ts";
import type { Model } from "./model.ts";
import { boolean, oneOf, type ParameterValues, positiveInteger } from "./parameters.ts";
import type { InferenceRequest } from "./request.ts";
import type { Encoding, Reading } from "./tokenizer.ts";
import { timed, type Work } from "./work.ts";

/**
 * Parameters of every task that takes texts. Names as in text-embeddings-inference and in transformers (`truncation`,
 * with its strategies), and `max_tokens`:
 * https://github.com/huggingface/huggingface.js/blob/main/packages/tasks/src/tasks/feature-extraction/spec/input.json
 */
export const TEXT_PARAMETERS = {
  truncate: boolean,
  truncation: oneOf([true, false, "do_not_truncate", "longest_first", "only_first", "only_second"]),
  truncation_direction: oneOf(["right", "left"]),
  max_tokens: positiveInteger,
};

/** One text, or two that the model reads together. */
export type TextOrPair = string | readonly [first: string, second: string];

/** Of which text tokens are dropped when two are too long together. */
type Strategy = "longest_first" | "only_first" | "only_second";

export interface EncodeOptions {
  readonly parameters: ParameterValues<typeof TEXT_PARAMETERS>;
  readonly pathOf: InferenceRequest["pathOf"];
  /** The path of a text in the request, for errors. */
  readonly fieldOf: (index: number) => string;
  readonly work: Work;
  readonly strategy?: Strategy;
}

/**
 * Tokens of each text or pair, at most `max_tokens` (the model's limit when not given). A longer one is truncated, or
 * refused when `truncate` or `truncation` says so.
 */
export function encodeTexts(
  { tokenizer, manifest: { maxTokens } }: Pick<Model, "tokenizer" | "manifest">,
  texts: readonly TextOrPair[],
  { parameters, pathOf, fieldOf, work, strategy: usual = "longest_first" }: EncodeOptions,
): Encoding[] {
  const { max_tokens: limit = maxTokens, truncation_direction: from = "right" } = parameters;
  const truncation = parameters.truncation ?? parameters.truncate ?? true;
  const mayTruncate = truncation !== false && truncation !== "do_not_truncate";
  const strategy = typeof truncation === "string" && mayTruncate ? (truncation as Strategy) : usual;
  const least = tokenizer.specialTokens(Array.isArray(texts[0]) ? 2 : 1) + 1;
  if (limit < least || limit > maxTokens) {
    throw new BadRequest(pathOf("max_tokens"), `this model takes ${least} to ${maxTokens}`);
  }
  const reading = readingOf(limit, from, work);
  const piecesOf = remembered((text) => timed(work, "tokenization", () => tokenizer.pieces(text, reading)));
  return texts.map((text, index) => {
    work.checkTime();
    const parts = typeof text === "string" ? [text] : text;
    const pieces = parts.map(piecesOf);
    const own = pieces.map(({ ids }) => ids);
    const room = limit - tokenizer.specialTokens(parts.length === 1 ? 1 : 2);
    const over = own.reduce((sum, { length }) => sum + length, 0) - room;
    if (over > 0 && !mayTruncate) {
      const whole = pieces.every(({ read }, i) => read.end - read.start === parts[i]?.length);
      const count = `${whole ? "" : "more than "}${over + limit} tokens`;
      throw new BadRequest(fieldOf(index), `${count}, and at most ${limit} are allowed`);
    }
    const [a = [], b] = over > 0 ? cut(own, over, { strategy, from }) : own;
    const encoding = tokenizer.join(a, b);
    if (encoding.ids.length === 0) {
      throw new BadRequest(fieldOf(index), "there is nothing in it for the model to read");
    }
    if (encoding.ids.length > limit) {
      throw new BadRequest(
        fieldOf(index),
        `more than ${limit} tokens even after truncation as asked (${strategy})`,
      );
    }
    return encoding;
  });
}

/**
 * How much of a text has to be read to truncate it. One token more than there is room for is enough to know how many of
 * each of two texts are dropped: what is left of them depends on the shorter one alone.
 * @param from the end that tokens are dropped from
 */
export function readingOf(limit: number, from: "left" | "right", { checkTime }: Work): Reading {
  return { most: limit + 1, keep: from === "right" ? "first" : "last", between: () => checkTime() };
}

/** A function that is asked for the same text by every pair it is part of. */
function remembered<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text) ?? compute(text);
    known.set(text, found);
    return found;
  };
}

/** Takes `over` tokens away in all, from the end named by `from`. */
function cut(
  own: readonly (readonly number[])[],
  over: number,
  { strategy, from }: { strategy: Strategy; from: "left" | "right" },
): (readonly number[])[] {
  const drops = dropCounts(
    own.map(({ length }) => length),
    over,
    strategy,
  );
  return own.map((ids, i) => {
    const kept = Math.max(0, ids.length - (drops[i] ?? 0));
    return from === "right" ? ids.slice(0, kept) : ids.slice(ids.length - kept);
  });
}

/** How many tokens each text loses; with longest_first, token by token from whichever is longer then. */
function dropCounts([first = 0, second]: readonly number[], over: number, strategy: Strategy): number[] {
  if (second === undefined || strategy === "only_first") return [over, 0];
  if (strategy === "only_second") return [0, over];
  const difference = Math.min(over, Math.abs(first - second));
  const rest = over - difference;
  const more = first > second ? [difference, 0] : [0, difference];
  const [a = 0, b = 0] = more;
  return [a + Math.floor(rest / 2), b + Math.ceil(rest / 2)];
}
