import { counted } from "../../output.ts";
import { checkError } from "./check.ts";

/** A place of a reply that is not as expected; `away` where both are numbers. */
export interface Difference {
  readonly path: string;
  readonly text: string;
  readonly away?: number;
}

/** How many differences an error lists. */
const LISTED = 5;

const show = (value: unknown): string => (JSON.stringify(value) ?? "missing").slice(0, 100);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every place where two values differ, numbers by however little. */
export function differences(value: unknown, expected: unknown, path = "answer"): Difference[] {
  if (typeof value === "number" && typeof expected === "number") {
    const away = Math.abs(value - expected);
    if (value === expected) return [];
    return [{ path, away, text: `${path} is ${value}, expected ${expected}: ${away.toPrecision(3)} away` }];
  }
  if (Array.isArray(value) && Array.isArray(expected)) {
    if (value.length === expected.length)
      return value.flatMap((each, index) => differences(each, expected[index], `${path}[${index}]`));
    return [{ path, text: `${path} has ${value.length} items, expected ${expected.length}` }];
  }
  if (isObject(value) && isObject(expected)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(value)])];
    return keys.flatMap((key) => differences(value[key], expected[key], `${path}.${key}`));
  }
  return value === expected ? [] : [{ path, text: `${path} is ${show(value)}, expected ${show(expected)}` }];
}

/**
 * Compares a reply with the expected one: numbers may be `tolerance` away, everything else has to be the same.
 * @returns the largest difference of two numbers, 0 where there are none.
 * @throws UserError (exit 1) that lists the places in the reply, what they have and what was expected.
 */
export function compareReply(reply: unknown, expected: unknown, tolerance: number): number {
  const found = differences(reply, expected);
  // What is no number first, then the numbers that are furthest away.
  const beyond = found
    .filter(({ away }) => away === undefined || !(away <= tolerance))
    .sort((a, b) => (b.away ?? Number.POSITIVE_INFINITY) - (a.away ?? Number.POSITIVE_INFINITY));
  if (beyond.length === 0) return Math.max(0, ...found.map(({ away = 0 }) => away));
  const lines = beyond
    .slice(0, LISTED)
    .map(({ text, away }) => (away === undefined ? text : `${text}, ${tolerance} is allowed`));
  const more = beyond.length - lines.length;
  throw checkError([...lines, ...(more > 0 ? [`and ${counted(more, "more place")}`] : [])].join("; "));
}
