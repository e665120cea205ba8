import { argmax, best, softmax } from "../scores.ts";
import type { Settings } from "./settings.ts";

/** The token that was chosen, with the logarithm of its probability. */
export interface Choice {
  readonly id: number;
  readonly logprob: number;
}

/**
 * Chooses the next token.
 * @param logits scores of the whole vocabulary; they are changed
 * @param before all tokens so far, of which the last `written` are new
 */
export function chooseToken(
  logits: Float32Array,
  {
    before,
    written,
    settings,
    random,
  }: {
    readonly before: readonly number[];
    readonly written: number;
    readonly settings: Settings;
    readonly random: () => number;
  },
): Choice {
  if (written === 0 && settings.forcedFirst !== undefined) return { id: settings.forcedFirst, logprob: 0 };
  if (written === settings.maxNewTokens - 1 && settings.forcedLast !== undefined) {
    return { id: settings.forcedLast, logprob: 0 };
  }
  penalize(logits, before, settings);
  const barred = [...settings.banned, ...(written < settings.minNewTokens ? settings.ends : [])];
  for (const id of [...barred, ...repeats(before, settings.noRepeatNgramSize)])
    logits[id] = Number.NEGATIVE_INFINITY;
  if (settings.sample) return sampled(logits, settings, random);
  const id = argmax(logits);
  return { id, logprob: Math.log(softmax(logits)[id] ?? 0) };
}

/** Tokens that are there already get less likely: https://arxiv.org/abs/1909.05858 */
function penalize(logits: Float32Array, before: readonly number[], { repetitionPenalty }: Settings): void {
  if (repetitionPenalty === 1) return;
  for (const id of new Set(before)) {
    const logit = logits[id] ?? 0;
    logits[id] = logit < 0 ? logit * repetitionPenalty : logit / repetitionPenalty;
  }
}

/** Tokens that would repeat a sequence of `size` tokens. */
function repeats(before: readonly number[], size: number): number[] {
  if (size === 0 || before.length < size) return [];
  const tail = before.slice(before.length - size + 1).join();
  const found: number[] = [];
  for (let start = 0; start + size <= before.length; start++) {
    const next = before[start + size - 1];
    if (next !== undefined && before.slice(start, start + size - 1).join() === tail) found.push(next);
  }
  return found;
}

function sampled(logits: Float32Array, { temperature, topK, topP }: Settings, random: () => number): Choice {
  const ranked = best(logits, topK === 0 ? logits.length : topK);
  const scores = softmax(ranked.map((id) => (logits[id] ?? 0) / temperature));
  let count = 0;
  for (let sum = 0; count < scores.length && sum < topP; count++) sum += scores[count] ?? 0;
  const kept = scores.subarray(0, Math.max(1, count));
  let left = random() * kept.reduce((sum, score) => sum + score, 0);
  let index = 0;
  while (index < kept.length - 1 && left >= (kept[index] ?? 0)) left -= kept[index++] ?? 0;
  return { id: ranked[index] ?? 0, logprob: Math.log(scores[index] ?? 0) };
}
