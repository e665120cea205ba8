import type { ImageModel, Model, TextModel } from "../../../../runtime/model/model.ts";
import { taskNamed } from "../../../../runtime/tasks/index.ts";
import { textTokenizer } from "../../../../runtime/tokenizer/tokenizer.ts";
import { graphOf, port, textGraph, tinyGraph, tinyModel } from "../../../support/tiny-model.ts";
import { TINY_TOKENIZER } from "../../../support/tiny-tokenizer.ts";
import { COLOUR_MODEL } from "./painted.ts";
import { WRITER } from "./writer.ts";

export type TaskName = Model["manifest"]["task"];

const label = (names: readonly string[]) => ({ config: { id2label: Object.fromEntries(names.entries()) } });
const scores = (count: number) => (id: number) => Array.from({ length: count }, (_, i) => (id + i) % count);

/** The decoder of a model that writes a text into another: the writer, which minds no encoder. */
const DECODER = {
  ...WRITER,
  inputs: ["input_ids", "encoder_hidden_states", "encoder_attention_mask", "past_key_values.0.key"].map(
    (name) =>
      WRITER.inputs.find((input) => input.name === name) ?? port(name, "float32", ["batch", "tokens"]),
  ),
};
const TEXT_TO_TEXT = { graphs: [tinyGraph(), DECODER], config: { eos_token_id: 6 } };

/** A model for each task, with the tiny tokenizer and at most 12 tokens: what its graphs compute makes no sense. */
const MODELS: Readonly<Record<TaskName, Partial<TextModel & ImageModel>>> = {
  "feature-extraction": {},
  "fill-mask": {
    graph: graphOf({ logits: scores(8) }),
    tokenizer: textTokenizer(TINY_TOKENIZER, { mask_token: "[UNK]" }),
  },
  "image-classification": COLOUR_MODEL,
  "question-answering": { graph: graphOf({ start_logits: (id) => [id % 3], end_logits: (id) => [id % 5] }) },
  "sentence-similarity": {},
  summarization: TEXT_TO_TEXT,
  "text-classification": {
    graph: textGraph("logits", (ids) => scores(3)(ids.length)),
    ...label(["A", "B", "C"]),
  },
  "text-generation": { graph: WRITER },
  "token-classification": {
    graph: graphOf({ logits: scores(4) }),
    ...label(["O", "B-PER", "I-PER", "I-LOC"]),
  },
  translation: TEXT_TO_TEXT,
  "zero-shot-classification": {
    graph: textGraph("logits", (ids) => scores(3)(ids.length)),
    ...label(["entailment", "neutral", "contradiction"]),
  },
};

export const TASK_NAMES = Object.keys(MODELS) as TaskName[];

export function modelFor(task: TaskName): TextModel {
  const { graph = MODELS[task].graphs?.[0] ?? tinyGraph(), ...changes } = MODELS[task];
  const base = tinyModel(graph, { ...changes, task: taskNamed(task) });
  return { ...base, manifest: { ...base.manifest, task, maxTokens: 12 } };
}
