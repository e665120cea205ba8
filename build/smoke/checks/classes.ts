import { z } from "zod";
import { defineKind, type Parameters, type Rules, wrong } from "./check.ts";
import { compareReply } from "./compare.ts";
import { makePicture } from "./sample-image.ts";
import { requireCount, requireOrder, requireRange, requireSum } from "./scores.ts";

interface Label {
  readonly label: string;
  readonly score: number;
}

const shape = z.array(z.object({ label: z.string().min(1), score: z.number() })).min(1);
const words = "a list of labels with scores";

/**
 * Labels, the best first, with scores that the function asked for can give. Without one the model's config.json decides,
 * which may ask for no function at all.
 */
function saneClasses(classes: readonly Label[], parameters: Parameters): void {
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
    throw wrong(`There are ${reply.length} labels, expected ${expected.length}`);
  const away = expected.map((score, index) => Math.abs(score - (reply[index]?.score ?? 0)));
  const largest = Math.max(0, ...away);
  if (largest <= tolerance) return largest;
  throw wrong(`A score is ${largest.toPrecision(3)} away from the expected one, ${tolerance} is allowed`);
}

/**
 * The gate has each probability of each sample stay within its shift: where the best label leads by more than twice that,
 * quantization cannot have another one win.
 */
function keepsClearWinners(reply: unknown, expected: unknown, { gate }: Rules): number {
  const lists = z.array(shape).safeParse(expected).data ?? [];
  for (const [index, [first, second]] of lists.entries()) {
    const sum = lists[index]?.reduce((total, { score }) => total + score, 0) ?? 0;
    const leads = (first?.score ?? 0) - (second?.score ?? 0) > 2 * gate.shift;
    const winner = (reply as Label[][])[index]?.[0]?.label;
    if (Math.abs(sum - 1) < 0.01 && leads && winner !== first?.label)
      throw wrong(`The best label is ${JSON.stringify(winner)}, expected ${JSON.stringify(first?.label)}`);
  }
  return 0;
}

export const textClasses = defineKind<string, Label[]>({
  usual: { inputs: "I like this very much.", parameters: { function_to_apply: "softmax" } },
  wraps: true,
  shape,
  words,
  sane: (classes, { parameters }) => saneClasses(classes, parameters),
  promised: keepsClearWinners,
});

/** All classes, however many, as probabilities. */
const ALL_CLASSES = { top_k: 1_000_000, function_to_apply: "softmax" };

/** The gate sees noise in place of images: of a single one it promises nothing. */
export const imageClasses = defineKind<string, Label[]>({
  usual: {
    // Painted when it is asked for: every command loads this file.
    get inputs() {
      return makePicture().toString("base64");
    },
    parameters: ALL_CLASSES,
  },
  parameters: ALL_CLASSES,
  shape,
  words,
  sane: (classes, { parameters }) => saneClasses(classes, parameters),
  compare(reply, expected, { tolerance }) {
    const scores = z.array(z.number()).safeParse(expected);
    return scores.success
      ? compareScores(reply as Label[], scores.data, tolerance)
      : compareReply(reply, expected, tolerance);
  },
});
