import { CLASS_PARAMETERS, classifier } from "../classes.ts";
import { encodeTexts, TEXT_PARAMETERS } from "../encode.ts";
import { checkEncoder, runEncoder } from "../encoder.ts";
import { readTexts } from "../inputs.ts";
import { readParameters } from "../parameters.ts";
import type { Task } from "./task.ts";

const PARAMETERS = { ...CLASS_PARAMETERS, ...TEXT_PARAMETERS };

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
    const encodings = await encodeTexts(model, items, { parameters, pathOf: request.pathOf, fieldOf, work });
    const classify = classifier(model, parameters);
    return runEncoder(model, encodings, { roles: ["logits"], work }, ([row]) => classify(row?.data ?? []));
  },
};
