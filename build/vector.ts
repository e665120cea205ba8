import { UserError } from "./errors.ts";

export interface VectorRules {
  /** Whether its length is to be 1. */
  readonly normalize: boolean;
  /** Largest difference allowed between a number and the expected one, and between the length and 1. */
  readonly tolerance: number;
  /** The cosine with the expected vector that is enough, where numbers need not be near the expected ones. */
  readonly cosine?: number | undefined;
  readonly expected?: readonly number[] | undefined;
}

const wrong = (what: string, body: string) =>
  new UserError(`${what}; the answer begins: ${body.slice(0, 200)}`, { reason: "check" });

function parseVector(body: string): number[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw wrong("The answer is not JSON", body);
  }
  if (!Array.isArray(value) || value.length === 0 || !value.every((each) => typeof each === "number")) {
    throw wrong("Expected a list of numbers", body);
  }
  return value;
}

function cosineOf(a: readonly number[], b: readonly number[]): number {
  const product = a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  return product / (Math.hypot(...a) * Math.hypot(...b));
}

/**
 * Checks an embedding: a list of finite numbers of the expected size, of length 1 where that is asked, near the expected
 * vector where there is one.
 * @returns the largest difference from an expected number, 0 without expectation.
 * @throws UserError (exit 1) that says which of these fails, and by how much.
 */
export function checkVector(body: string, { normalize, tolerance, cosine, expected }: VectorRules): number {
  const vector = parseVector(body);
  if (!vector.every(Number.isFinite)) throw wrong("The vector has numbers that are not finite", body);
  const length = Math.hypot(...vector);
  if (normalize && Math.abs(length - 1) > tolerance)
    throw wrong(`The vector's length is ${length}, not 1`, body);
  if (!expected) return 0;
  if (expected.length !== vector.length) {
    throw wrong(`The vector has ${vector.length} numbers, expected ${expected.length}`, body);
  }
  const largest = Math.max(...vector.map((number, index) => Math.abs(number - (expected[index] ?? 0))));
  if (cosine !== undefined) {
    const reached = cosineOf(vector, expected);
    if (reached >= cosine) return largest;
    throw wrong(
      `The vector's cosine with the expected one is ${reached.toFixed(4)}, ${cosine} is asked`,
      body,
    );
  }
  if (largest <= tolerance) return largest;
  throw wrong(
    `The vector is ${largest.toPrecision(3)} away from the expected one, ${tolerance} is allowed`,
    body,
  );
}
