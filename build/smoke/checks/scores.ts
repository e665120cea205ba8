import { checkError } from "./check.ts";

/** Tolerates the rounding of a sum of many floats. */
const SLACK = 1e-3;

/** Every score must be within the bounds. */
export function requireRange(scores: readonly number[], from = 0, to = 1): void {
  const odd = scores.find((score) => !(score >= from - SLACK && score <= to + SLACK));
  if (odd !== undefined) throw checkError(`A score is ${odd}, not from ${from} to ${to}`);
}

/** Scores must be in descending order. */
export function requireOrder(scores: readonly number[], what: string): void {
  if (scores.some((score, index) => score > (scores[index - 1] ?? Number.POSITIVE_INFINITY)))
    throw checkError(`The ${what} are not in the order of their scores`);
}

/** Scores must sum to 1, or to at most 1 if they are only part of all. */
export function requireSum(scores: readonly number[], part = false): void {
  const sum = scores.reduce((total, score) => total + score, 0);
  if (sum > 1 + SLACK || (!part && sum < 1 - SLACK))
    throw checkError(`The scores sum to ${sum}, ${part ? "more than" : "not"} 1`);
}

/** There must be no more items than requested. */
export function requireCount(items: readonly unknown[], most: unknown, what: string): void {
  if (typeof most === "number" && items.length > most)
    throw checkError(`There are ${items.length} ${what}, and ${most} were asked for`);
}
