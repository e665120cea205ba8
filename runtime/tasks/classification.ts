import { best, sigmoid, softmax } from "../inference/scores.ts";
import { labelOf } from "../model/labels.ts";
import type { Model } from "../model/model.ts";
import { oneOfAnyCase, positiveInteger } from "../request/parameters.ts";

const FUNCTIONS = {
  softmax,
  sigmoid,
  none: (logits: ArrayLike<number>) => Float64Array.from(logits),
};

export const CLASS_PARAMETERS = {
  top_k: positiveInteger,
  function_to_apply: oneOfAnyCase(["softmax", "sigmoid", "none"]),
};

/** Fewest bytes of a label with its score. */
export const LABEL_BYTES = '{"label":"","score":0}'.length;

interface ScoredLabel {
  readonly label: string;
  readonly score: number | undefined;
}

export function classifier(
  model: Pick<Model, "config">,
  { top_k, function_to_apply: name }: { top_k?: number; function_to_apply?: keyof typeof FUNCTIONS },
): (logits: ArrayLike<number>) => ScoredLabel[] {
  return (logits) => {
    const scores = FUNCTIONS[name ?? defaultFunction(model, logits.length)](logits);
    return best(scores, top_k).map((i) => ({ label: labelOf(model, i), score: scores[i] }));
  };
}

/**
 * As in transformers: a model with one class, or with several that are not exclusive, scores each class
 * independently.
 */
function defaultFunction({ config }: Pick<Model, "config">, classes: number): keyof typeof FUNCTIONS {
  if (config.problem_type === "regression") return "none";
  const several = config.problem_type === "multi_label_classification";
  return several || classes === 1 ? "sigmoid" : "softmax";
}
