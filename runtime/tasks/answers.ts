import { slicer } from "../tokenizer/characters.ts";
import type { Range } from "../tokenizer/encoding.ts";

export interface Answer {
  score: number;
  readonly start: number;
  readonly end: number;
  readonly answer: string;
}

export interface Found {
  readonly spans: readonly (Range & { readonly score: number })[];
  /** The probability that there is no answer. */
  readonly none: number;
}

export interface Answers {
  add(found: Found): void;
  ranked(): Answer[];
}

/**
 * Number of candidates per requested answer: windows that overlap may add scores to one that is not yet among the
 * best.
 */
const KEPT = 8;

/**
 * Collects the answers in a context, window by window. Spans with the same text are one answer with the sum of their
 * scores, as in transformers.
 */
export function answersIn(context: string, count: number, mayBeNone: boolean): Answers {
  const slice = slicer(context, { start: 0, end: context.length });
  let answers = new Map<string, Answer>();
  let impossible = Number.POSITIVE_INFINITY;
  const best = (most: number) => [...answers].sort(([, a], [, b]) => b.score - a.score).slice(0, most);
  return {
    add({ spans, none }) {
      impossible = Math.min(impossible, none);
      for (const { score, start, end } of spans) {
        const answer = slice({ start, end });
        const key = answer.toLowerCase();
        const same = answers.get(key);
        if (same) same.score += score;
        else answers.set(key, { score, start, end, answer });
      }
      if (answers.size > 2 * KEPT * (count + 10)) answers = new Map(best(KEPT * (count + 10)));
    },
    ranked() {
      if (mayBeNone) answers.set("", { score: impossible, start: 0, end: 0, answer: "" });
      return best(count).map(([, answer]) => answer);
    },
  };
}
