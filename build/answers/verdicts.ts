import { z } from "zod";
import { defineKind, wrong } from "./kind.ts";
import { requireOrder, requireRange, requireSum } from "./scores.ts";

const verdict = z.object({
  sequence: z.string(),
  labels: z.array(z.string()).min(1),
  scores: z.array(z.number()),
});

/** A list of labels, or a text with commas between them. */
const candidatesOf = (given: unknown): string[] =>
  (typeof given === "string" ? given.split(",") : (given as string[])).map((label) => label.trim());

const LABELS = { candidate_labels: ["technology", "sport", "politics"] };

/** How well each of the request's labels fits; a sample without labels of its own is judged by ours. */
export const verdicts = defineKind<string, z.output<typeof verdict>>({
  usual: { inputs: "The new phone has a better camera than the old one.", parameters: LABELS },
  parameters: LABELS,
  shape: verdict,
  words: "sequence, labels and scores",
  sane({ sequence, labels, scores }, { input, parameters }) {
    if (sequence !== input)
      throw wrong(`The sequence is ${JSON.stringify(sequence.slice(0, 100))}, not the text`);
    const candidates = candidatesOf(parameters["candidate_labels"]);
    const found = labels.map((label) => label.trim());
    if (found.length !== scores.length || found.sort().join("\n") !== candidates.sort().join("\n"))
      throw wrong(`The labels are not those of the request, each with a score`);
    requireRange(scores);
    requireOrder(scores, "labels");
    if (parameters["multi_label"] !== true && labels.length > 1) requireSum(scores);
  },
});
