/** The schema of a spec's samples: what a model is asked, and what it has to answer. */
import { z } from "zod";
import { relativePath } from "./paths.ts";

const image = z.strictObject({
  image: relativePath.describe("Path of an image file, relative to models/, for image-classification."),
});
const question = z.strictObject({
  question: z.string().describe("Question for question-answering."),
  context: z.string().describe("Text that contains the answer."),
});
const sentences = z.strictObject({
  source_sentence: z
    .string()
    .describe("Sentence that sentence-similarity compares with each of `sentences`."),
  sentences: z.array(z.string()).min(1).describe("Sentences to compare it with."),
});
const pair = z.strictObject({
  text: z.string().describe("Text for text-classification."),
  text_pair: z.string().optional().describe("Second text of a pair."),
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
    .describe(
      "`inputs` of the request: what the task takes (a text, or an object of one of the forms below), or a list of it.",
    ),
  parameters: z.record(z.string(), z.unknown()).optional().describe("`parameters` of the request."),
  expected: z
    .unknown()
    .optional()
    .describe(
      "Reply of a reference implementation, which `mkimage test` compares with: numbers within `tolerance`, everything else exactly. For an image, a list of scores in descending order is enough.",
    ),
});
export type Sample = z.output<typeof sample>;

/** Replies of the reference to a model's samples, as `mkimage test --update` writes them. */
export const sampleReplies = z.strictObject({
  about: z.string(),
  /** What has answered, with its versions. */
  reference: z.string(),
  samples: z.array(sample.required({ expected: true })),
});
export type SampleReplies = z.output<typeof sampleReplies>;

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
