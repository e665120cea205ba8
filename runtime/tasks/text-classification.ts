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
  /** As before transformers had top_k: all classes, or the best. */
  return_all_scores: boolean,
  /** As text-embeddings-inference has it: function_to_apply "none". */
  raw_scores: boolean,
  ...TEXT_PARAMETERS,
};

/**
 * Labels with scores, the best first: `[[{label, score}, …]]` with one list per text or pair. One text alone gives a list of one
 * list as well: this is what the Hugging Face inference API answers and what its clients unwrap.
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
