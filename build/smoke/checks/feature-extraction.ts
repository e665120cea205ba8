import { z } from "zod";
import { checkError, defineCheck, type Limits } from "./check.ts";

export interface VectorRules {
  /** Largest difference allowed between a number and the expected one. */
  readonly tolerance: number;
  /** The cosine with the expected vector that is enough, where numbers need not be near the expected ones. */
  readonly cosine?: number | undefined;
}

function cosineOf(a: readonly number[], b: readonly number[]): number {
  const product = a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  return product / (Math.hypot(...a) * Math.hypot(...b));
}

/**
 * Compares a vector with the expected one.
 * @returns the largest difference of two numbers.
 * @throws UserError (exit 1) that says by how much it is too far away.
 */
export function compareVector(
  vector: readonly number[],
  expected: readonly number[],
  { tolerance, cosine }: VectorRules,
): number {
  if (expected.length !== vector.length) {
    throw checkError(`The vector has ${vector.length} numbers, expected ${expected.length}`);
  }
  const largest = Math.max(...vector.map((number, index) => Math.abs(number - (expected[index] ?? 0))));
  if (cosine !== undefined) {
    const reached = cosineOf(vector, expected);
    if (reached >= cosine) return largest;
    throw checkError(
      `The vector's cosine with the expected one is ${reached.toFixed(4)}, ${cosine} is asked`,
    );
  }
  if (largest <= tolerance) return largest;
  throw checkError(
    `The vector is ${largest.toPrecision(3)} away from the expected one, ${tolerance} is allowed`,
  );
}

/** The vectors of a reply, one or a list of them, each beside the expected one. */
function compareAll(reply: unknown, expected: unknown, limits: VectorRules): number {
  const several = Array.isArray(expected) && Array.isArray(expected[0]);
  const pairs = (several ? [reply, expected] : [[reply], [expected]]) as [number[][], number[][]];
  return Math.max(...pairs[0].map((vector, index) => compareVector(vector, pairs[1][index] ?? [], limits)));
}

/** Numbers that JSON writes as such, also those that are too large to be any. */
const numbers = z.array(z.custom<number>((value) => typeof value === "number")).min(1);

export const featureExtraction = defineCheck<string, number[]>({
  defaultSample: { inputs: "hello world" },
  example: { answer: [-0.034477, 0.031023, 0.006735, 0.026109] },
  shape: numbers,
  description: "a list of numbers",
  validate(vector, { parameters, limits: { normalize, tolerance } }) {
    if (!vector.every(Number.isFinite)) throw checkError("The vector has numbers that are not finite");
    const length = Math.hypot(...vector);
    if ((parameters["normalize"] ?? normalize) && Math.abs(length - 1) > tolerance)
      throw checkError(`The vector's length is ${length}, not 1`);
  },
  compare: (reply, expected, { tolerance }: Limits) => compareAll(reply, expected, { tolerance }),
  compareQuantized: (reply, expected, { tolerance, gate }: Limits) =>
    compareAll(reply, expected, { tolerance, cosine: gate.cosine }),
});
