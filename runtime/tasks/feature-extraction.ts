import { normalized, toNumbers } from "../inference/pooling.ts";
import { checkEncoder } from "../inference/run-text-encoder.ts";
import { TEXT_PARAMETERS } from "../inference/tokenize.ts";
import { BadRequest } from "../request/errors.ts";
import { readTexts } from "../request/inputs.ts";
import { boolean, positiveInteger, readParameters, text, unsupported } from "../request/parameters.ts";
import { embed } from "./embeddings.ts";
import type { Task } from "./task.ts";

const PARAMETERS = {
  normalize: boolean,
  prompt_name: text,
  dimensions: positiveInteger,
  encoding_format: unsupported("vectors are returned as lists of numbers", "float"),
  ...TEXT_PARAMETERS,
};

/**
 * One vector per text, as the Hugging Face inference API gives for sentence embeddings: `inputs` a text → `[dims]`,
 * a list of texts → `[[dims], …]` in the list's order.
 */
export const featureExtraction: Task = {
  parameters: PARAMETERS,
  check: (model) => checkEncoder(model, ["vectors"]),
  warmUp: () => ({ inputs: "warm up" }),
  async run(model, request, work) {
    const { items, single, fieldOf } = readTexts(request.inputs);
    const parameters = readParameters(request, PARAMETERS);
    const { pathOf } = request;
    const options = { parameters, promptName: parameters.prompt_name, pathOf, fieldOf, work };
    const whole = await embed(model, items, options);
    const vectors = shortened(whole, parameters.dimensions, pathOf("dimensions"));
    const result =
      (parameters.normalize ?? model.manifest.normalize) ? vectors.map(normalized) : vectors.map(toNumbers);
    return single ? result[0] : result;
  },
};

/** The first dimensions alone, as Matryoshka models are used and text-embeddings-inference does it. */
function shortened(vectors: readonly Float64Array[], dimensions: number | undefined, field: string) {
  const size = vectors[0]?.length ?? 0;
  if (dimensions !== undefined && dimensions > size)
    throw new BadRequest(field, `this model's vectors have ${size} dimensions`);
  return vectors.map((vector) => vector.subarray(0, dimensions));
}
