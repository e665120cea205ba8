import { z } from "zod";
import { checkError, defineCheck, type Limits } from "./check.ts";
import { requireRange } from "./scores.ts";

interface Sentences {
  readonly source_sentence: string;
  readonly sentences: readonly string[];
}

const angle = (cosine: number): number => Math.acos(Math.min(1, Math.max(-1, cosine)));

/** The similarities of one input or of several. */
function flat(value: unknown): number[] {
  const { data } = z.array(z.union([z.number(), z.array(z.number())])).safeParse(value);
  if (data) return data.flat();
  throw checkError("`expected` in the spec is no list of similarities");
}

/**
 * The gate bounds the angle between each vector and the one in fp32, so the angle between two of them changes by at most
 * twice that.
 */
function keepsAngles(reply: unknown, expected: unknown, { gate, tolerance }: Limits): number {
  const [has, wants] = [flat(reply), flat(expected)];
  if (has.length !== wants.length)
    throw checkError(`There are ${has.length} similarities, expected ${wants.length}`);
  const most = 2 * angle(gate.cosine);
  for (const [index, cosine] of has.entries()) {
    const wanted = wants[index] ?? 0;
    const least = Math.cos(Math.min(Math.PI, angle(wanted) + most)) - tolerance;
    const largest = Math.cos(Math.max(0, angle(wanted) - most)) + tolerance;
    if (cosine < least || cosine > largest)
      throw checkError(
        `A similarity is ${cosine}, expected ${wanted}: a gate of ${gate.cosine} allows ${least.toFixed(3)} to ${largest.toFixed(3)}`,
      );
  }
  return Math.max(...has.map((cosine, index) => Math.abs(cosine - (wants[index] ?? 0))));
}

export const sentenceSimilarity = defineCheck<Sentences, number[]>({
  defaultSample: {
    inputs: {
      source_sentence: "That is a happy person.",
      sentences: ["That is a happy dog.", "Today is a sunny day."],
    },
  },
  example: { answer: [0.6946, 0.2569] },
  shape: z.array(z.number()).min(1),
  description: "a list of similarities",
  validate(found, { input: { sentences } }) {
    if (found.length !== sentences.length)
      throw checkError(`There are ${found.length} similarities of ${sentences.length} sentences`);
    requireRange(found, -1, 1);
  },
  compareQuantized: keepsAngles,
});
