import { runEncoder } from "../inference/run-text-encoder.ts";
import { best, softmax } from "../inference/scores.ts";
import { encodeTexts, TEXT_PARAMETERS } from "../inference/tokenize.ts";
import { labelOf } from "../model/labels.ts";
import type { Model, Task, TextModel } from "../model/model.ts";
import { jsonBytes, refuseLargeAnswer } from "../request/answer-size.ts";
import { BadRequest } from "../request/errors.ts";
import { readTexts } from "../request/inputs.ts";
import { boolean, either, readParameters, text, texts } from "../request/parameters.ts";
import type { InferenceRequest } from "../request/request.ts";
import { LABEL_BYTES } from "./classification.ts";
import { folded } from "./fold.ts";

const PARAMETERS = {
  /** A list, or a text with the labels separated by commas, as in transformers. */
  candidate_labels: either(texts, text),
  hypothesis_template: text,
  multi_label: boolean,
  /** Its name before transformers 4.4. */
  multi_class: boolean,
  ...TEXT_PARAMETERS,
};

/**
 * Scores a text for each label of the request: `[{label, score}, …]` in descending order; a list of texts gives a list
 * of lists. The score is the model's probability that "This example is LABEL." follows from the text.
 */
export const zeroShotClassification: Task<TextModel> = {
  parameters: PARAMETERS,
  warmUp: () => ({ inputs: "warm up", parameters: { candidate_labels: ["warm"] } }),
  async run(model, request, work) {
    const { items, single, fieldOf } = readTexts(request.inputs);
    const {
      candidate_labels,
      hypothesis_template,
      multi_class = false,
      multi_label = multi_class,
      ...parameters
    } = readParameters(request, PARAMETERS);
    const candidates = readLabels(candidate_labels, request);
    const template = readTemplate(hypothesis_template, request);
    const each = candidates.reduce((sum, label) => sum + LABEL_BYTES + jsonBytes(label) - 2, 0);
    refuseLargeAnswer(items.length * each, work, "inputs");
    const pairs = items
      .values()
      .flatMap((item) =>
        candidates.values().map((label) => [item, template.replace("{}", () => label)] as const),
      );
    const encodings = encodeTexts(model, pairs, {
      parameters,
      pathOf: request.pathOf,
      fieldOf: (index) => fieldOf(Math.floor(index / candidates.length)),
      work,
      strategy: "only_first",
    });
    const { entailment, contradiction } = entailmentClasses(model);
    const judged = runEncoder(model, encodings, { roles: ["logits"], work }, ([row], { index }) => ({
      index: Math.floor(index / candidates.length),
      for: row?.data.at(entailment) ?? 0,
      against: row?.data.at(contradiction) ?? 0,
    }));
    const apart = multi_label || candidates.length === 1;
    const results: unknown[] = [];
    const begin = (): { for: number; against: number }[] => [];
    for await (const own of folded(judged, begin, (own, pair) => own.push(pair))) {
      const scores = apart
        ? own.map((pair) => softmax([pair.against, pair.for])[1] ?? 0)
        : softmax(own.map((pair) => pair.for));
      results.push(best(scores).map((k) => ({ label: candidates[k], score: scores[k] })));
    }
    return single ? results[0] : results;
  },
};

function readLabels(
  given: string | readonly string[] | undefined,
  { pathOf }: InferenceRequest,
): readonly string[] {
  const field = pathOf("candidate_labels");
  if (given === undefined) throw new BadRequest("parameters.candidate_labels", "missing");
  const candidates = typeof given === "string" ? given.split(",").map((label) => label.trim()) : given;
  if (candidates.some((label) => label.trim() === "")) throw new BadRequest(field, "a label is empty");
  return candidates;
}

function readTemplate(template = "This example is {}.", { pathOf }: InferenceRequest): string {
  if (template.includes("{}")) return template;
  throw new BadRequest(pathOf("hypothesis_template"), "expected {} where the label goes");
}

/**
 * Indexes of the classes entailment and contradiction: by their names, else the last (-1) and the first, as in
 * transformers.
 */
function entailmentClasses(model: Pick<Model, "config">): { entailment: number; contradiction: number } {
  const names = Object.keys(model.config.id2label ?? {}).map((i) => labelOf(model, Number(i)).toLowerCase());
  const entailment = names.findIndex((name) => name.startsWith("entail"));
  if (entailment < 0) return { entailment: -1, contradiction: 0 };
  const contradiction = names.findIndex((name) => /^(contradict|not[_ -]entail)/.test(name));
  return {
    entailment,
    contradiction: contradiction >= 0 ? contradiction : entailment === 0 ? names.length - 1 : 0,
  };
}
