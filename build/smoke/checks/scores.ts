import { wrong } from "./check.ts";

/** Scores are added up from floats, as many as there are classes. */
const SLACK = 1e-3;

/** Probabilities, or what else has bounds. */
export function requireRange(scores: readonly number[], from = 0, to = 1): void {
  const odd = scores.find((score) => !(score >= from - SLACK && score <= to + SLACK));
  if (odd !== undefined) throw wrong(`A score is ${odd}, not from ${from} to ${to}`);
}

/** The best first. */
export function requireOrder(scores: readonly number[], what: string): void {
  if (scores.some((score, index) => score > (scores[index - 1] ?? Number.POSITIVE_INFINITY)))
    throw wrong(`The ${what} are not in the order of their scores`);
}

/** Of all there is, or `part` of it: then less is right. */
export function requireSum(scores: readonly number[], part = false): void {
  const sum = scores.reduce((total, score) => total + score, 0);
  if (sum > 1 + SLACK || (!part && sum < 1 - SLACK))
    throw wrong(`The scores sum to ${sum}, ${part ? "more than" : "not"} 1`);
}

/** No more than a request asks for. */
export function requireCount(items: readonly unknown[], most: unknown, what: string): void {
  if (typeof most === "number" && items.length > most)
    throw wrong(`There are ${items.length} ${what}, and ${most} were asked for`);
}
