import type { OutputRole } from "./graph/outputs.ts";

/** What one of a task's inputs is. */
export type Reads = "images" | "pairs" | "prompts" | "questions" | "sentences" | "texts";

/** How the gate compares answers (images/model/figures.py). */
export type GateKind = "classes" | "embedding" | "tokens";

/** Everything about a task that is not code; every field is required, so that a new row cannot leave one out. */
export interface TaskRow {
  /** The model's ONNX files, the one that is fed with the input first. */
  readonly graphs: readonly string[];
  /** What the graphs are. Models with a decoder write text, as generation_config.json says. */
  readonly architecture: "encoder" | "decoder" | "encoder-decoder";
  /** What is read of the last graph. */
  readonly outputs: readonly OutputRole[];
  /** Images need preprocessor_config.json and, in the function's image, sharp; everything else needs tokenizer.json. */
  readonly reads: Reads;
  /** Whether it answers with vectors. */
  readonly vectors: boolean;
  readonly gate: GateKind;
  /** Whether it takes chats, in the words of the model's chat template. */
  readonly chats: boolean;
}

const ENCODER = { graphs: ["model.onnx"], architecture: "encoder", vectors: false, chats: false } as const;
const CLASSIFIER = { ...ENCODER, outputs: ["logits"], gate: "classes" } as const;
const EMBEDDING = { ...ENCODER, outputs: ["vectors"], gate: "embedding" } as const;
const TEXT_TO_TEXT = {
  graphs: ["encoder_model.onnx", "decoder_model_merged.onnx"],
  architecture: "encoder-decoder",
  outputs: ["tokenLogits"],
  reads: "texts",
  vectors: false,
  gate: "tokens",
  chats: false,
} as const;

/**
 * The tasks by their names on the Hugging Face hub. The tool and the program in the image both read this table; a task's
 * code is in runtime/tasks and build/smoke/checks.
 */
export const TASKS = {
  "feature-extraction": { ...EMBEDDING, reads: "texts", vectors: true },
  "fill-mask": { ...ENCODER, reads: "texts", outputs: ["tokenLogits"], gate: "tokens" },
  "image-classification": { ...CLASSIFIER, reads: "images" },
  "question-answering": { ...CLASSIFIER, reads: "questions", outputs: ["startLogits", "endLogits"] },
  "sentence-similarity": { ...EMBEDDING, reads: "sentences" },
  summarization: TEXT_TO_TEXT,
  "text-classification": { ...CLASSIFIER, reads: "pairs" },
  "text-generation": {
    graphs: ["model.onnx"],
    architecture: "decoder",
    outputs: ["tokenLogits"],
    reads: "prompts",
    vectors: false,
    gate: "tokens",
    chats: true,
  },
  "token-classification": { ...CLASSIFIER, reads: "texts", outputs: ["tokenLogits"] },
  translation: TEXT_TO_TEXT,
  "zero-shot-classification": { ...CLASSIFIER, reads: "texts" },
} as const satisfies Readonly<Record<string, TaskRow>>;
export type Task = keyof typeof TASKS;

/** The row of a task, typed by what every row has. */
export const taskRow = (task: Task): TaskRow => TASKS[task];
