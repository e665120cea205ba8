import { z } from "zod";
import { defineCheck } from "./check.ts";
import { requireCount, requireOrder, requireRange, requireSum } from "./scores.ts";

const candidate = z.object({
  score: z.number(),
  token: z.int().nonnegative(),
  token_str: z.string(),
  sequence: z.string().min(1),
});
const candidates = z.array(candidate).min(1);
type Candidates = z.output<typeof candidates>;

/** What transformers' pipeline gives unasked. */
const TOP_K = 5;

/**
 * The usual text has both usual masks: the model's own stands for the missing word, and the other one is text to it. A
 * model with neither refuses the text, and its spec has to have a sample.
 */
export const fillMask = defineCheck<string, Candidates | Candidates[]>({
  defaultSample: { inputs: "The capital of France is [MASK] <mask>." },
  example: {
    inputs: "The capital of France is [MASK].",
    parameters: { top_k: 2 },
    answer: [
      { score: 0.4168, token: 3000, token_str: "paris", sequence: "the capital of france is paris." },
      { score: 0.0714, token: 22479, token_str: "lille", sequence: "the capital of france is lille." },
    ],
  },
  shape: z.union([candidates, z.array(candidates).min(2)]),
  description:
    "a list of candidates with score, token, token_str and sequence, or for several masks a list of such lists",
  validate(found, { parameters }) {
    const lists = found.map((each) => (Array.isArray(each) ? each : found)) as Candidates[];
    for (const list of lists) {
      const scores = list.map(({ score }) => score);
      requireRange(scores);
      requireOrder(scores, "candidates");
      requireSum(scores, true);
      requireCount(list, parameters["top_k"] ?? TOP_K, "candidates");
    }
  },
});
