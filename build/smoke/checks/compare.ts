import { wrong } from "./check.ts";

interface Difference {
  readonly path: string;
  readonly value: number;
  readonly expected: number;
  readonly away: number;
}

const show = (value: unknown): string => (JSON.stringify(value) ?? "missing").slice(0, 100);

/** Where numbers differ; anything else that differs is refused at once. */
function differences(value: unknown, expected: unknown, path: string): Difference[] {
  if (typeof value === "number" && typeof expected === "number") {
    return [{ path, value, expected, away: Math.abs(value - expected) }];
  }
  if (Array.isArray(value) && Array.isArray(expected)) {
    if (value.length === expected.length)
      return value.flatMap((each, index) => differences(each, expected[index], `${path}[${index}]`));
    throw wrong(`${path} has ${value.length} items, expected ${expected.length}`);
  }
  const objects = [value, expected].every(
    (each) => typeof each === "object" && each !== null && !Array.isArray(each),
  );
  if (objects) {
    const [has, wants] = [value, expected] as [Record<string, unknown>, Record<string, unknown>];
    const keys = [...new Set([...Object.keys(wants), ...Object.keys(has)])];
    return keys.flatMap((key) => differences(has[key], wants[key], `${path}.${key}`));
  }
  if (value === expected) return [];
  throw wrong(`${path} is ${show(value)}, expected ${show(expected)}`);
}

/**
 * Compares a reply with the expected one: numbers may be `tolerance` away, everything else has to be the same.
 * @returns the largest difference of two numbers, 0 where there are none.
 * @throws UserError (exit 1) with the place in the reply, what it has and what was expected.
 */
export function compareReply(reply: unknown, expected: unknown, tolerance: number): number {
  const [largest] = differences(reply, expected, "answer").sort((a, b) => b.away - a.away);
  if (!largest) return 0;
  const { path, value, expected: wanted, away } = largest;
  if (away <= tolerance) return away;
  throw wrong(
    `${path} is ${value}, expected ${wanted}: ${away.toPrecision(3)} away, ${tolerance} is allowed`,
  );
}
