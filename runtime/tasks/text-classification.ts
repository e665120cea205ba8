import { encodeTexts, TEXT_PARAMETERS } from "../encode.ts";
import { checkEncoder, runEncoder } from "../encoder.ts";
import { readTexts } from "../inputs.ts";
import { labelOf } from "../labels.ts";
import type { Model } from "../model.ts";
import { oneOf, positiveInteger, readParameters } from "../parameters.ts";
import { best, sigmoid, softmax } from "../scores.ts";
import type { Task } from "./task.ts";

const FUNCTIONS = {
  softmax,
  sigmoid,
  none: (logits: ArrayLike<number>) => Float64Array.from(logits),
};

const PARAMETERS = {
  top_k: positiveInteger,
  function_to_apply: oneOf(["softmax", "sigmoid", "none"]),
  ...TEXT_PARAMETERS,
};

/**
 * Labels with scores, the best first: `[[{label, score}, …]]` with one list per text. One text alone gives a list of one
 * list as well: this is what the Hugging Face inference API answers and what its clients unwrap.
 */
export const textClassification: Task = {
  check: (model) => checkEncoder(model, ["logits"]),
  warmUp: () => ({ inputs: "warm up" }),
  async run(model, request, work) {
    const { items, fieldOf } = readTexts(request.inputs);
    const parameters = readParameters(request, PARAMETERS);
    const encodings = encodeTexts(model, items, { parameters, pathOf: request.pathOf, fieldOf, work });
    const toScores = FUNCTIONS[parameters.function_to_apply ?? usualFunction(model)];
    return runEncoder(model, encodings, { roles: ["logits"], work }, ([row]) => {
      const scores = toScores(row?.data ?? []);
      return best(scores, parameters.top_k).map((i) => ({ label: labelOf(model, i), score: scores[i] }));
    });
  },
};

/** A model with one class, or with several that may hold together, scores each for itself. */
function usualFunction({ config }: Pick<Model, "config">): keyof typeof FUNCTIONS {
  if (config.problem_type === "regression") return "none";
  const several = config.problem_type === "multi_label_classification";
  return several || Object.keys(config.id2label ?? {}).length === 1 ? "sigmoid" : "softmax";
}
