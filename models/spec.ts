/**
 * The schemas of a model's spec (`models/<name>.json`, written by a person), of the lock (`models/lock.json`, generated)
 * and of the manifest that goes into the image. runtime/ imports types only.
 */
import { z } from "zod";
import { relativePath } from "./paths.ts";
import { publicSource } from "./public-url.ts";
import { oddInputs, oddVectors, type Sample, sample } from "./sample.ts";
import { graphFiles, TASKS, type Task, taskRow } from "./tasks.ts";

/** Without these no model can do the task. */
const neededFiles = (task: Task): string[] => [
  ...graphFiles(task),
  ...(taskRow(task).preprocessing === "images" ? ["preprocessor_config.json"] : []),
];

/** What tasks look for among a graph's outputs, for a model that names them in a way that cannot be guessed. */
const outputNames = z
  .strictObject({
    vectors: z.string().optional().describe("Vectors per token or per text."),
    logits: z.string().optional().describe("Scores of a text's labels."),
    tokenLogits: z.string().optional().describe("Scores of each token's labels, or of the vocabulary."),
    startLogits: z.string().optional().describe("Scores of an answer's first token."),
    endLogits: z.string().optional().describe("Scores of an answer's last token."),
  })
  .describe("Names of the graph's outputs, for a graph whose outputs cannot be recognized by name or shape.");

/**
 * How token vectors become one vector per text, with the names that sentence-transformers gives them:
 * https://sbert.net/docs/package_reference/sentence_transformer/modules.html
 */
export const POOLINGS = ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"] as const;
export type Pooling = (typeof POOLINGS)[number];

const pooling = z.enum(POOLINGS);

/** What a model that gives vectors does with a text before and after its graph. */
const embedding = {
  pooling: z
    .union([pooling, z.array(pooling).min(1)], {
      error: `Invalid input: expected one of ${POOLINGS.join(", ")}, or a list of them`,
    })
    .optional()
    .describe(
      "How token vectors are pooled into one vector; with a list, the pooled vectors are concatenated. Default: what the files of sentence-transformers say, if `files` has them; else the graph's output `sentence_embedding`; else mean.",
    ),
  normalize: z
    .boolean()
    .optional()
    .describe(
      "Whether vectors are scaled to length 1. Default: what `modules.json` says, if `files` has it; else true.",
    ),
  prompts: z
    .record(z.string(), z.string())
    .optional()
    .describe("Named prompts. A request selects one by `prompt_name`, and it is put in front of every text."),
  defaultPromptName: z
    .string()
    .optional()
    .describe("Name of the prompt for requests without `prompt_name`. Default: no prompt."),
  includePrompt: z
    .boolean()
    .optional()
    .describe("Whether the tokens of the prompt take part in pooling. Default: true."),
  lowercase: z
    .boolean()
    .optional()
    .describe("Whether texts are lower-cased before they are tokenized. Default: false."),
};

/**
 * A lower-case name that is also a valid path segment, image label and bake target. `constructor` is what every object
 * of JavaScript has.
 */
export const NAME = /^(?!constructor$)[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** The whole id of a git commit: it cannot move. */
export const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");

const fileSpec = z
  .union([
    relativePath,
    z
      .strictObject({
        source: z.string().optional().describe("Source of this file. Default: the model's source."),
        path: relativePath
          .optional()
          .describe(
            "Path of the file in its source. Required, except with a source `https://…`, which is the file itself.",
          ),
        sha256: sha256
          .optional()
          .describe("Expected SHA-256 of the file, 64 hexadecimal digits. Required for `https://…`."),
      })
      .refine(
        ({ source, path }) => path !== undefined || source?.startsWith("https://"),
        "expected a path, or a source https://… that names the file",
      )
      .refine(
        ({ source, path }) => path === undefined || !source?.startsWith("https://"),
        "expected no path beside a source https://…: the source names the file",
      ),
  ])
  .describe("Where the file is: a path in the model's source, or its own source, path and sha256.");

const gate = z
  .strictObject({
    cosine: z
      .number()
      .min(-1)
      .max(1)
      .default(0.95)
      .describe("Embeddings: the lowest cosine similarity of any sample's vector with that of fp32."),
    agreement: z
      .number()
      .min(0)
      .max(1)
      .default(0.95)
      .describe(
        "Classifiers and generators: the lowest share of top predictions (classes, next tokens) that equal those of fp32.",
      ),
    shift: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe("Classifiers: the largest difference of a probability from that of fp32, over all samples."),
    kl: z
      .number()
      .min(0)
      .default(0.1)
      .describe(
        "Generators: the largest Kullback-Leibler divergence from fp32, in nats: the mean over the tokens of a sample, of the worst sample.",
      ),
  })
  .describe("Limits of the gate. A quantized model that exceeds one fails the build.");

export const modelSpec = z
  .strictObject({
    $schema: z.string().optional().describe("Path of this schema, for editors."),
    description: z.string().optional().describe("Description for readers."),
    license: z
      .string()
      .optional()
      .describe("SPDX identifier of the weights' licence: becomes a label of the image."),
    task: z.enum(Object.keys(TASKS) as Task[]).describe("Required. Task of the model."),
    source: z
      .string()
      .optional()
      .describe(
        "Where its files come from: `hf:OWNER/NAME[@REVISION]`, `s3://BUCKET/PREFIX`, `pypi:NAME@VERSION` or `file:DIR`. " +
          "Required unless every file has a source of its own.",
      ),
    files: z
      .record(relativePath, fileSpec)
      .refine(
        (files) => !Object.hasOwn(files, "mkimage.json"),
        "expected no file named mkimage.json: it is generated",
      )
      .describe(
        "Required. Path in the image's model folder → where the file comes from. Needs `model.onnx` (summarization and translation: `encoder_model.onnx` and `decoder_model_merged.onnx`), `tokenizer.json` for text or `preprocessor_config.json` for images, and `config.json` for the names of labels.",
      ),
    allowOutside: z
      .boolean()
      .optional()
      .describe(
        "Whether files of `file:` sources, `texts` and images of samples may be outside of the project, or links that lead there. Default: false.",
      ),
    maxTokens: z
      .int()
      .positive()
      .default(512)
      .describe(
        "Longest input, in tokens; longer ones are truncated or read in windows, depending on the task.",
      ),
    ...embedding,
    outputs: outputNames.optional(),
    samples: z.array(sample).default([]).describe("Inputs of `mkimage test` and of the gate."),
    texts: relativePath
      .optional()
      .describe(
        "Text file in models/ with further inputs for the gate and for the calibration of int8-static, one per line.",
      ),
    gate: gate.prefault({}),
    tolerance: z
      .union([z.number().positive(), z.record(z.string(), z.number().positive())])
      .default(1e-3)
      .describe(
        'Largest difference allowed between a number of a reply and the expected one. By architecture or quantization where they differ: `{ "default": 0.001, "arm64": 0.002, "int8": 0.05 }`; the larger one of two that apply counts. A quantization that is named is compared with numbers, beside its gate.',
      ),
  })
  .refine(
    ({ source, files }) =>
      source !== undefined || Object.values(files).every((file) => typeof file === "object" && file.source),
    { path: ["source"], message: "expected a source, since not every file has its own" },
  )
  .refine(({ prompts = {}, defaultPromptName: name }) => name === undefined || Object.hasOwn(prompts, name), {
    path: ["defaultPromptName"],
    message: "expected the name of one of `prompts`",
  })
  .superRefine(({ task, files, samples }, context) => {
    const { reads, gives } = taskRow(task);
    for (const [index, message] of oddInputs(samples, reads))
      context.addIssue({ code: "custom", path: ["samples", index, "inputs"], message });
    for (const [index, each] of gives === "vectors" ? samples.entries() : [])
      for (const { path, message } of oddVectors(each))
        context.addIssue({ code: "custom", path: ["samples", index, "expected", ...path], message });
    for (const name of neededFiles(task).filter((file) => !Object.hasOwn(files, file))) {
      const message = `expected a file named ${name}, which ${task} needs`;
      context.addIssue({ code: "custom", path: ["files"], message });
    }
  })
  .describe("A model: its task, where its files come from and what it must answer.");
export type ModelSpec = z.output<typeof modelSpec> & {
  /** What the reference answers to samples that do not say what is expected; read from a file of its own. */
  readonly replies?: readonly Sample[] | undefined;
};

export const lockedFile = z.strictObject({
  source: z.string().transform(publicSource),
  path: relativePath,
  size: z.int().nonnegative(),
  sha256,
});
export type LockedFile = z.output<typeof lockedFile>;

export const lockedModel = z.strictObject({
  /** Source → the commit that its revision was when the model was locked. */
  commits: z.record(z.string(), z.string().regex(COMMIT)).optional(),
  files: z.record(relativePath, lockedFile),
});
export type LockedModel = z.output<typeof lockedModel>;

export const lockSchema = z.strictObject({
  about: z.string(),
  models: z.record(z.string().regex(NAME), lockedModel),
  bases: z.record(z.string(), z.string().regex(/^sha256:[0-9a-f]{64}$/)).default({}),
});
export type Lock = z.output<typeof lockSchema>;

/** What the runtime is told about a model: `/opt/models/<name>/mkimage.json`. */
export interface ModelManifest {
  readonly name: string;
  readonly task: Task;
  readonly maxTokens: number;
  /** Several are joined to one vector. */
  readonly pooling: Pooling | readonly Pooling[];
  readonly normalize: boolean;
  readonly prompts?: Readonly<Record<string, string>>;
  readonly defaultPromptName?: string;
  /** False: tokens of the prompt are left out when token vectors are pooled. */
  readonly includePrompt?: boolean;
  readonly lowercase?: boolean;
  readonly outputs?: ModelSpec["outputs"];
  /** Whether ONNX Runtime finds nothing to optimize when it loads the graphs. */
  readonly optimized?: boolean;
}
