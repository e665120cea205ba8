/** The schema of a spec's samples: what a model is asked, and what it has to answer. */
import { z } from "zod";
import { relativePath } from "./paths.ts";

const image = z.strictObject({
  image: relativePath.describe("Path of an image file in models/, for a task that reads images."),
});
const question = z.strictObject({
  question: z.string().describe("What question-answering is asked."),
  context: z.string().describe("The text that has the answer."),
});
const sentences = z.strictObject({
  source_sentence: z.string().describe("What sentence-similarity compares with each of `sentences`."),
  sentences: z.array(z.string()).min(1).describe("What it is compared with."),
});
const pair = z.strictObject({
  text: z.string().describe("What text-classification classifies."),
  text_pair: z.string().optional().describe("A second text that the model reads together with it."),
});
const message = z.strictObject({ role: z.string(), content: z.string() });

/** What tasks read: one of it as `inputs`, or a list. */
export const READS = {
  texts: { one: z.string(), words: "a text" },
  pairs: { one: z.union([z.string(), pair]), words: "a text, or { text, text_pair }" },
  images: { one: image, words: "the path of an image: { image }" },
  questions: { one: question, words: "{ question, context }" },
  sentences: { one: sentences, words: "{ source_sentence, sentences }" },
  prompts: {
    one: z.union([z.string(), z.array(message).min(1)]),
    words: "a text or messages { role, content }",
  },
} as const;
export type Reads = keyof typeof READS;

export const sample = z.strictObject({
  inputs: z
    .union([z.string(), pair, image, question, sentences, z.array(z.unknown())], {
      error: "Invalid input: expected what the task takes, or a list of it",
    })
    .describe("What is sent, as `inputs` of an event: what the task takes, or a list of it."),
  parameters: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("What is sent, as `parameters` of the event."),
  expected: z
    .unknown()
    .optional()
    .describe(
      "What a reference implementation gives, for the smoke test to compare with: the reply, its numbers within `tolerance`; of an image the scores are enough, the best first.",
    ),
});
export type Sample = z.output<typeof sample>;

/** What is wrong with the samples' inputs for a task that reads such things: index of the sample → words. */
export function oddInputs(samples: readonly Sample[], reads: Reads): [number, string][] {
  const { one, words } = READS[reads];
  const taken = z.union([one, z.array(one).min(1)]);
  return samples.flatMap(({ inputs }, index): [number, string][] =>
    taken.safeParse(inputs).success ? [] : [[index, `expected ${words}, or a list of that`]],
  );
}

/** Of a task that gives vectors: the issues of an expected reply that is none, with their paths. */
export function oddVectors({ inputs, expected }: Sample): { path: PropertyKey[]; message: string }[] {
  const vector = z.array(z.number());
  const schema = Array.isArray(inputs) ? z.array(vector) : vector;
  return schema.optional().safeParse(expected).error?.issues ?? [];
}
