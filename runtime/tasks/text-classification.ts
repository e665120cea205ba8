import { lastSize, runEncoder } from "../inference/run-text-encoder.ts";
import { encodeTexts, TEXT_PARAMETERS } from "../inference/tokenize.ts";
import type { Task, TextModel } from "../model/model.ts";
import { outputFor } from "../model/outputs.ts";
import { refuseLargeAnswer } from "../request/answer-size.ts";
import { readTextsOrPairs } from "../request/inputs.ts";
import { boolean, readParameters } from "../request/parameters.ts";
import { CLASS_PARAMETERS, classifier, LABEL_BYTES } from "./classification.ts";

const PARAMETERS = {
  ...CLASS_PARAMETERS,
  /** The predecessor of top_k in transformers: all classes, or the best one. */
  return_all_scores: boolean,
  /** As in text-embeddings-inference: function_to_apply "none". */
  raw_scores: boolean,
  ...TEXT_PARAMETERS,
};

/**
 * Labels in descending order of scores: `[[{label, score}, …]]`, one list per text or pair. A single text also gives a
 * list of one list, as in the Hugging Face inference API; its clients unwrap it.
 */
export const textClassification: Task<TextModel> = {
  parameters: PARAMETERS,
  warmUp: () => ({ inputs: "warm up" }),
  async run(model, request, work) {
    const { items, fieldOf } = readTextsOrPairs(request.inputs);
    const { return_all_scores: all, raw_scores: raw, ...parameters } = readParameters(request, PARAMETERS);
    const classes = lastSize(outputFor("logits", model));
    const listed = Math.min(all === false ? 1 : (parameters.top_k ?? classes), classes);
    refuseLargeAnswer(items.length * listed * LABEL_BYTES, work, "inputs");
    const encodings = encodeTexts(model, items, { parameters, pathOf: request.pathOf, fieldOf, work });
    const classify = classifier(model, {
      ...(all === false ? { top_k: 1 } : {}),
      ...(raw ? { function_to_apply: "none" } : {}),
      ...parameters,
    });
    return Array.fromAsync(
      runEncoder(model, encodings, { roles: ["logits"], work }, ([row]) => classify(row?.data ?? [])),
    );
  },
};
