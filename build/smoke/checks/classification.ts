import { z } from "zod";
import { checkError, defineCheck, type Limits, type Parameters } from "./check.ts";
import { compareReply } from "./compare.ts";
import { requireCount, requireOrder, requireRange, requireSum } from "./scores.ts";

interface Label {
  readonly label: string;
  readonly score: number;
}

const shape = z.array(z.object({ label: z.string().min(1), score: z.number() })).min(1);
const description = "a list of labels with scores";

/**
 * Labels, the best first, with scores that the function asked for can give. Without one the model's config.json decides,
 * which may ask for no function at all.
 */
function validateClasses(classes: readonly Label[], parameters: Parameters): void {
  const { function_to_apply: applied, top_k } = parameters;
  const scores = classes.map(({ score }) => score);
  if (applied === "softmax" || applied === "sigmoid") requireRange(scores);
  requireOrder(scores, "labels");
  requireCount(classes, top_k, "labels");
  if (applied === "softmax") requireSum(scores, typeof top_k === "number" && top_k <= classes.length);
}

/** Scores alone, the best first; not all of them have to be given. */
function compareScores(reply: readonly Label[], expected: readonly number[], tolerance: number): number {
  if (expected.length > reply.length)
    throw checkError(`There are ${reply.length} labels, expected ${expected.length}`);
  const away = expected.map((score, index) => Math.abs(score - (reply[index]?.score ?? 0)));
  const largest = Math.max(0, ...away);
  if (largest <= tolerance) return largest;
  throw checkError(
    `A score is ${largest.toPrecision(3)} away from the expected one, ${tolerance} is allowed`,
  );
}

/**
 * The gate has each probability of each sample stay within its shift: where the best label leads by more than twice that,
 * quantization cannot have another one win.
 */
function keepsClearWinners(reply: unknown, expected: unknown, { gate }: Limits): number {
  const lists = z.array(shape).safeParse(expected).data ?? [];
  for (const [index, [first, second]] of lists.entries()) {
    const sum = lists[index]?.reduce((total, { score }) => total + score, 0) ?? 0;
    const leads = (first?.score ?? 0) - (second?.score ?? 0) > 2 * gate.shift;
    const winner = (reply as Label[][])[index]?.[0]?.label;
    if (Math.abs(sum - 1) < 0.01 && leads && winner !== first?.label)
      throw checkError(
        `The best label is ${JSON.stringify(winner)}, expected ${JSON.stringify(first?.label)}`,
      );
  }
  return 0;
}

export const textClassification = defineCheck<string, Label[]>({
  defaultSample: { inputs: "I like this very much.", parameters: { function_to_apply: "softmax" } },
  example: {
    answer: [
      { label: "POSITIVE", score: 0.9998 },
      { label: "NEGATIVE", score: 0.0002 },
    ],
  },
  alwaysList: true,
  shape,
  description,
  validate: (classes, { parameters }) => validateClasses(classes, parameters),
  compareQuantized: keepsClearWinners,
});

/** A PNG of 64 × 64 pixels whose colours run into each other. */
const GRADIENT =
  "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAUklEQVR42u3PwQkAMAgEsGtx/5Ftp/AhBLJATvIqvddN9WoCAgIC" +
  "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC8z6cyyFtOtXd7AAAAABJRU5ErkJggg==";

/** All classes, however many, as probabilities. */
const ALL_CLASSES = { top_k: 1_000_000, function_to_apply: "softmax" };

/** The gate sees noise in place of images: of a single one it promises nothing. */
export const imageClassification = defineCheck<string, Label[]>({
  defaultSample: {
    inputs: GRADIENT,
    parameters: ALL_CLASSES,
  },
  example: {
    parameters: { top_k: 2 },
    answer: [
      { label: "tabby, tabby cat", score: 0.8712 },
      { label: "tiger cat", score: 0.0911 },
    ],
  },
  parameters: ALL_CLASSES,
  shape,
  description,
  validate: (classes, { parameters }) => validateClasses(classes, parameters),
  compare(reply, expected, { tolerance }) {
    const scores = z.array(z.number()).safeParse(expected);
    return scores.success
      ? compareScores(reply as Label[], scores.data, tolerance)
      : compareReply(reply, expected, tolerance);
  },
});
