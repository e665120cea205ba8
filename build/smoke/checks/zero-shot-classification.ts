import { z } from "zod";
import { checkError, defineCheck } from "./check.ts";
import { compareReply } from "./compare.ts";
import { requireOrder, requireRange, requireSum } from "./scores.ts";

const shape = z.array(z.object({ label: z.string(), score: z.number() })).min(1);
const ofPython = z.object({ labels: z.array(z.string()), scores: z.array(z.number()) });

/** A list of labels, or a text with commas between them. */
const candidatesOf = (given: unknown): string[] =>
  (typeof given === "string" ? given.split(",") : (given as string[])).map((label) => label.trim());

const LABELS = { candidate_labels: ["technology", "sport", "politics"] };

/** What Python's pipeline gives, {sequence, labels, scores}, as the inference API has it. */
function asOfApi(expected: unknown): unknown {
  if (Array.isArray(expected)) return expected.map(asOfApi);
  const { success, data } = ofPython.safeParse(expected);
  return success ? data.labels.map((label, i) => ({ label, score: data.scores[i] })) : expected;
}

/** How well each of the request's labels fits; a sample without labels of its own is judged by ours. */
export const zeroShotClassification = defineCheck<string, z.output<typeof shape>>({
  defaultSample: { inputs: "The new phone has a better camera than the old one.", parameters: LABELS },
  example: {
    parameters: LABELS,
    answer: [
      { label: "technology", score: 0.9634 },
      { label: "politics", score: 0.0203 },
      { label: "sport", score: 0.0163 },
    ],
  },
  parameters: LABELS,
  shape,
  description: "a list of labels with scores",
  validate(answer, { parameters }) {
    const candidates = candidatesOf(parameters["candidate_labels"]);
    const found = answer.map(({ label }) => label.trim());
    if (found.sort().join("\n") !== candidates.sort().join("\n"))
      throw checkError(`The labels are not those of the request, each with a score`);
    const scores = answer.map(({ score }) => score);
    requireRange(scores);
    requireOrder(scores, "labels");
    if (parameters["multi_label"] !== true && answer.length > 1) requireSum(scores);
  },
  compare: (reply, expected, { tolerance }) => compareReply(reply, asOfApi(expected), tolerance),
});
