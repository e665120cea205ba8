import { z } from "zod";
import { UserError } from "./errors.ts";

/** What probabilities may sum to: they are added up from floats, as many as there are classes. */
const SUM = { from: 0.999, to: 1.001 };

export interface ClassRules {
  /** Largest difference allowed between a score and the expected one. */
  readonly tolerance: number;
  /** Scores, the best first; not all of them have to be given. */
  readonly expected?: readonly number[] | undefined;
}

const classes = z.array(z.object({ label: z.string().min(1), score: z.number() })).min(1);

const wrong = (what: string, body: string) =>
  new UserError(`${what}; the answer begins: ${body.slice(0, 200)}`, { reason: "check" });

function parse(body: string) {
  try {
    const { data } = classes.safeParse(JSON.parse(body));
    if (data) return data;
  } catch {
    throw wrong("The answer is not JSON", body);
  }
  throw wrong("Expected a list of labels with scores", body);
}

/**
 * Checks a classifier's answer with all its classes: each with a label, the best first, probabilities that sum to 1, near
 * the expected ones where there are some.
 * @returns the largest difference from an expected score, 0 without expectation.
 * @throws UserError (exit 1) that says which of these fails, and by how much.
 */
export function checkClasses(body: string, { tolerance, expected = [] }: ClassRules): number {
  const scores = parse(body).map(({ score }) => score);
  if (scores.some((score, index) => score > (scores[index - 1] ?? 1))) {
    throw wrong("The labels are not in the order of their scores", body);
  }
  const sum = scores.reduce((total, score) => total + score, 0);
  if (!(sum > SUM.from && sum < SUM.to)) throw wrong(`The scores sum to ${sum}, not 1`, body);
  if (expected.length > scores.length) {
    throw wrong(`There are ${scores.length} labels, expected ${expected.length}`, body);
  }
  const largest = Math.max(0, ...expected.map((score, index) => Math.abs(score - (scores[index] ?? 0))));
  if (largest <= tolerance) return largest;
  throw wrong(
    `A score is ${largest.toPrecision(3)} away from the expected one, ${tolerance} is allowed`,
    body,
  );
}
