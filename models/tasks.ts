/**
 * The task table: every fact about a task that more than one file goes by. build/ and runtime/ import its values, so it
 * imports no package. A new task is a row here, a file in runtime/tasks and one in build/smoke/checks; where one of them is
 * forgotten, or a field of a row, `tsc` says so.
 */
import type { GraphRow } from "./graph/check.ts";
import type { OutputRole } from "./graph/outputs.ts";
import type { Reads } from "./sample.ts";

export interface TaskRow {
  /** The first one reads the request. */
  readonly graphs: readonly [GraphRow, ...GraphRow[]];
  /** What `inputs` of a request are: one of it, or a list. */
  readonly reads: Reads;
  /** What turns that into numbers: tokenizer.json, or preprocessor_config.json and a library that decodes images. */
  readonly preprocessing: "tokenizer" | "images";
  /** What an answer consists of: vectors, cosines of vectors, or JSON that only the task's check knows. */
  readonly gives: "vectors" | "cosines" | "json";
  /** How the gate compares a quantized model with its source (images/model/figures.py). */
  readonly gate: "embedding" | "classes" | "tokens";
  /** Whether it writes text: from what it was given on, which may be a chat, or another text. */
  readonly generation: "none" | "continuation" | "rewriting";
}

const encoder = (...outputs: OutputRole[]) => [{ file: "model.onnx", kind: "encoder", outputs }] as const;

const SEQ2SEQ = {
  graphs: [
    { file: "encoder_model.onnx", kind: "states", outputs: [] },
    { file: "decoder_model_merged.onnx", kind: "decoder-of-states", outputs: [] },
  ],
  reads: "texts",
  preprocessing: "tokenizer",
  gives: "json",
  gate: "tokens",
  generation: "rewriting",
} as const satisfies TaskRow;

/** Tasks by their names on the Hugging Face hub. */
export const TASKS = {
  "feature-extraction": {
    graphs: encoder("vectors"),
    reads: "texts",
    preprocessing: "tokenizer",
    gives: "vectors",
    gate: "embedding",
    generation: "none",
  },
  "fill-mask": {
    graphs: encoder("tokenLogits"),
    reads: "texts",
    preprocessing: "tokenizer",
    gives: "json",
    gate: "tokens",
    generation: "none",
  },
  "image-classification": {
    graphs: [{ file: "model.onnx", kind: "image", outputs: ["logits"] }],
    reads: "images",
    preprocessing: "images",
    gives: "json",
    gate: "classes",
    generation: "none",
  },
  "question-answering": {
    graphs: encoder("startLogits", "endLogits"),
    reads: "questions",
    preprocessing: "tokenizer",
    gives: "json",
    gate: "classes",
    generation: "none",
  },
  "sentence-similarity": {
    graphs: encoder("vectors"),
    reads: "sentences",
    preprocessing: "tokenizer",
    gives: "cosines",
    gate: "embedding",
    generation: "none",
  },
  summarization: SEQ2SEQ,
  "text-classification": {
    graphs: encoder("logits"),
    reads: "pairs",
    preprocessing: "tokenizer",
    gives: "json",
    gate: "classes",
    generation: "none",
  },
  "text-generation": {
    graphs: [{ file: "model.onnx", kind: "decoder", outputs: [] }],
    reads: "prompts",
    preprocessing: "tokenizer",
    gives: "json",
    gate: "tokens",
    generation: "continuation",
  },
  "token-classification": {
    graphs: encoder("tokenLogits"),
    reads: "texts",
    preprocessing: "tokenizer",
    gives: "json",
    gate: "classes",
    generation: "none",
  },
  translation: SEQ2SEQ,
  "zero-shot-classification": {
    graphs: encoder("logits"),
    reads: "texts",
    preprocessing: "tokenizer",
    gives: "json",
    gate: "classes",
    generation: "none",
  },
} as const satisfies Readonly<Record<string, TaskRow>>;
export type Task = keyof typeof TASKS;

/** The row of a task, typed by what every row has. */
export const taskRow = (task: Task): TaskRow => TASKS[task];

/** The files with a task's graphs, in the order of its row. */
export const graphFiles = (task: Task): string[] => taskRow(task).graphs.map(({ file }) => file);
