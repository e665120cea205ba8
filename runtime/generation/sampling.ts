import { argmax, best, softmax } from "../inference/scores.ts";
import type { Settings } from "./settings.ts";

export interface Choice {
  readonly id: number;
  readonly logprob: number;
}

interface Text {
  /** All tokens so far, of which the last `written` are new. */
  readonly before: readonly number[];
  readonly written: number;
}

/**
 * Chooses the next token: applies transformers' logits processors in their order.
 * @param logits scores of the whole vocabulary; modified
 */
export function chooseToken(
  logits: Float32Array,
  { settings, random, ...text }: Text & { readonly settings: Settings; readonly random: () => number },
): Choice {
  const { before, written } = text;
  if (written === 0 && settings.forcedFirst !== undefined) return { id: settings.forcedFirst, logprob: 0 };
  if (written === settings.maxNewTokens - 1 && settings.forcedLast !== undefined) {
    return { id: settings.forcedLast, logprob: 0 };
  }
  penalize(logits, text, settings);
  const banned = [
    bannedEnds(text, settings),
    completions(before, settings),
    repeats(before, settings.noRepeatNgramSize),
    isFirst(text, settings) ? settings.notFirst : [],
  ];
  for (const ids of banned) for (const id of ids) logits[id] = Number.NEGATIVE_INFINITY;
  if (settings.sample) return sampled(logits, settings, random);
  const id = argmax(logits);
  return { id, logprob: Math.log(softmax(logits)[id] ?? 0) };
}

export function likeliest(logits: Float32Array, count: number): Choice[] {
  if (count === 0) return [];
  const scores = softmax(logits);
  return best(scores, count).map((id) => ({ id, logprob: Math.log(scores[id] ?? 0) }));
}

/**
 * Lowers the scores of tokens that occurred before: of all tokens by `repetition_penalty`
 * (https://arxiv.org/abs/1909.05858), of new ones by the penalties of OpenAI's API.
 */
function penalize(logits: Float32Array, { before, written }: Text, settings: Settings): void {
  const { repetitionPenalty, frequencyPenalty, presencePenalty } = settings;
  if (repetitionPenalty !== 1) {
    for (const id of new Set(before)) {
      const logit = logits[id] ?? 0;
      logits[id] = logit < 0 ? logit * repetitionPenalty : logit / repetitionPenalty;
    }
  }
  if (frequencyPenalty === 0 && presencePenalty === 0) return;
  const fresh = written === 0 ? [] : before.slice(-written);
  for (const id of fresh) logits[id] = (logits[id] ?? 0) - frequencyPenalty;
  for (const id of new Set(fresh)) logits[id] = (logits[id] ?? 0) - presencePenalty;
}

function bannedEnds({ written }: Text, { minNewTokens, ends }: Settings): Iterable<number> {
  return written < minNewTokens ? ends : [];
}

/** After a start of one token with a forced first token, the first token that is chosen is the second. */
function isFirst({ before, written }: Text, { forcedFirst }: Settings): boolean {
  return written === (forcedFirst !== undefined && before.length - written <= 1 ? 1 : 0);
}

function* completions(before: readonly number[], { banned }: Settings): Generator<number, void> {
  for (const sequence of banned) {
    const last = sequence.at(-1);
    const start = before.length - (sequence.length - 1);
    if (last === undefined || start < 0) continue;
    let i = 0;
    while (i < sequence.length - 1 && before[start + i] === sequence[i]) i++;
    if (i === sequence.length - 1) yield last;
  }
}

function* repeats(before: readonly number[], size: number): Generator<number, void> {
  if (size === 0) return;
  for (let end = size - 1; end < before.length; end++) {
    let same = 0;
    while (same < size - 1 && before[end - 1 - same] === before[before.length - 1 - same]) same++;
    if (same === size - 1) yield before[end] as number;
  }
}

function sampled(logits: Float32Array, settings: Settings, random: () => number): Choice {
  const { temperature, topK } = settings;
  const ranked = best(logits, topK === 0 ? logits.length : topK);
  const scores = softmax(ranked.map((id) => (logits[id] ?? 0) / temperature));
  const kept = typical(likely(scores, settings), scores, settings);
  let left = random() * kept.reduce((sum, index) => sum + (scores[index] ?? 0), 0);
  let chosen = kept[0] ?? 0;
  for (const index of kept) {
    chosen = index;
    if (left < (scores[index] ?? 0)) break;
    left -= scores[index] ?? 0;
  }
  return { id: ranked[chosen] ?? 0, logprob: Math.log(scores[chosen] ?? 0) };
}

/**
 * Indexes of the most likely tokens: as many as have the sum `top_p`, each at least `min_p` times as likely as the
 * first; at
 * least one.
 */
function likely(scores: Float64Array, { topP, minP }: Settings): number[] {
  let count = 0;
  for (let sum = 0; count < scores.length && sum < topP; count++) sum += scores[count] ?? 0;
  const least = minP * (scores[0] ?? 0);
  return Array.from({ length: Math.max(1, count) }, (_, index) => index).filter(
    (index) => (scores[index] ?? 0) >= least,
  );
}

/** Locally typical sampling, up to the mass `typicalP`: https://arxiv.org/abs/2202.00666 */
function typical(
  indexes: readonly number[],
  scores: Float64Array,
  { typicalP }: Settings,
): readonly number[] {
  if (typicalP >= 1) return indexes;
  const total = indexes.reduce((sum, index) => sum + (scores[index] ?? 0), 0);
  const shares = indexes.map((index) => ({ index, share: (scores[index] ?? 0) / total }));
  const entropy = shares.reduce((sum, { share }) => sum - (share > 0 ? share * Math.log(share) : 0), 0);
  const off = ({ share }: { share: number }) => Math.abs(-Math.log(share) - entropy);
  shares.sort((a, b) => off(a) - off(b));
  let count = 0;
  for (let sum = 0; count < shares.length && sum < typicalP; count++) sum += shares[count]?.share ?? 0;
  return shares
    .slice(0, Math.max(1, count))
    .map(({ index }) => index)
    .sort((a, b) => a - b);
}
