import { normalized, toNumbers } from "../inference/pooling.ts";
import { lastSize } from "../inference/run-text-encoder.ts";
import { TEXT_PARAMETERS } from "../inference/tokenize.ts";
import type { Task, TextModel } from "../model/model.ts";
import { outputFor } from "../model/outputs.ts";
import { NUMBER_BYTES, refuseLargeAnswer } from "../request/answer-size.ts";
import { BadRequest } from "../request/errors.ts";
import { readTexts } from "../request/inputs.ts";
import { boolean, positiveInteger, readParameters, text, unsupported } from "../request/parameters.ts";
import { embed } from "./embeddings.ts";

const PARAMETERS = {
  normalize: boolean,
  prompt_name: text,
  dimensions: positiveInteger,
  encoding_format: unsupported("vectors are returned as lists of numbers", "float"),
  ...TEXT_PARAMETERS,
};

/**
 * One vector per text, as in the Hugging Face inference API for sentence embeddings: `inputs` a text → `[dims]`, a list
 * of texts → `[[dims], …]` in the same order.
 */
export const featureExtraction: Task<TextModel> = {
  parameters: PARAMETERS,
  warmUp: () => ({ inputs: "warm up" }),
  async run(model, request, work) {
    const { items, single, fieldOf } = readTexts(request.inputs);
    const parameters = readParameters(request, PARAMETERS);
    const { pathOf } = request;
    const options = { parameters, promptName: parameters.prompt_name, pathOf, fieldOf, work };
    const { dimensions = Number.POSITIVE_INFINITY, normalize = model.manifest.normalize } = parameters;
    const listed = Math.min(dimensions, lastSize(outputFor("vectors", model)));
    refuseLargeAnswer(items.length * listed * NUMBER_BYTES, work, "inputs");
    const result: number[][] = [];
    for await (const whole of embed(model, items, options)) {
      const vector = shortened(whole, parameters.dimensions, pathOf("dimensions"));
      result.push(normalize ? normalized(vector) : toNumbers(vector));
    }
    return single ? result[0] : result;
  },
};

/** Truncates a vector, for Matryoshka models, as text-embeddings-inference does. */
function shortened(vector: Float64Array, dimensions: number | undefined, field: string) {
  if (dimensions !== undefined && dimensions > vector.length)
    throw new BadRequest(field, `this model's vectors have ${vector.length} dimensions`);
  return vector.subarray(0, dimensions);
}
