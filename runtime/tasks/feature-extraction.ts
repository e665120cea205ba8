import { TEXT_PARAMETERS } from "../encode.ts";
import { checkEncoder } from "../encoder.ts";
import { readTexts } from "../inputs.ts";
import { boolean, readParameters } from "../parameters.ts";
import { normalized, toNumbers } from "../pooling.ts";
import { embed } from "./embeddings.ts";
import type { Task } from "./task.ts";

const PARAMETERS = { normalize: boolean, ...TEXT_PARAMETERS };

/**
 * One vector per text, as the Hugging Face inference API gives for sentence embeddings: `inputs` a text → `[dims]`,
 * a list of texts → `[[dims], …]` in the list's order.
 */
export const featureExtraction: Task = {
  check: (model) => checkEncoder(model, ["vectors"]),
  warmUp: () => ({ inputs: "warm up" }),
  async run(model, request, work) {
    const { items, single, fieldOf } = readTexts(request.inputs);
    const parameters = readParameters(request, PARAMETERS);
    const vectors = await embed(model, items, { parameters, pathOf: request.pathOf, fieldOf, work });
    const result =
      (parameters.normalize ?? model.manifest.normalize) ? vectors.map(normalized) : vectors.map(toNumbers);
    return single ? result[0] : result;
  },
};
