import { softmax } from "../inference/scores.ts";
import type { Range } from "../tokenizer/encoding.ts";

/** A span of tokens, including both ends, with the product of the probabilities of its ends. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

/**
 * The most likely spans in the second text, in descending order, and the probability that there is no answer, which
 * models assign to the first token.
 */
export function spansOf(
  startLogits: ArrayLike<number>,
  endLogits: ArrayLike<number>,
  { second, longest, count }: { readonly second: Range; readonly longest: number; readonly count: number },
): { spans: Span[]; none: number } {
  const starts = probabilities(startLogits, second);
  const ends = probabilities(endLogits, second);
  const spans: Span[] = [];
  let worst = 0;
  for (let start = second.start; start < second.end; start++) {
    for (let end = start; end < Math.min(second.end, start + longest); end++) {
      const score = (starts[start] ?? 0) * (ends[end] ?? 0);
      if (spans.length >= count && score <= worst) continue;
      spans.push({ start, end, score });
      if (spans.length < count * 2) continue;
      spans.sort((a, b) => b.score - a.score).length = count;
      worst = spans.at(-1)?.score ?? 0;
    }
  }
  spans.sort((a, b) => b.score - a.score);
  return { spans: spans.slice(0, count), none: (starts[0] ?? 0) * (ends[0] ?? 0) };
}

/** Only the second text and the first token take part. */
function probabilities(logits: ArrayLike<number>, { start, end }: Range): Float64Array {
  return softmax(
    Array.from(logits, (logit, i) => (i === 0 || (i >= start && i < end) ? logit : Number.NEGATIVE_INFINITY)),
  );
}
