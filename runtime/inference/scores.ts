/** Subtracts the largest logit first, so that nothing overflows. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) largest = Math.max(largest, logits[i] as number);
  const scores = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = scores.reduce((total, score) => total + score, 0);
  return scores.map((score) => score / sum);
}

export function sigmoid(logits: ArrayLike<number>): Float64Array {
  return Float64Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));
}

/** Indexes of the highest scores, in descending order; equal scores keep their order. */
export function best(scores: ArrayLike<number>, count: number = scores.length): number[] {
  const indexes = Array.from({ length: scores.length }, (_, i) => i);
  return indexes.sort((a, b) => (scores[b] as number) - (scores[a] as number)).slice(0, count);
}

export function argmax(scores: ArrayLike<number>): number {
  let found = 0;
  for (let i = 1; i < scores.length; i++) if ((scores[i] as number) > (scores[found] as number)) found = i;
  return found;
}
