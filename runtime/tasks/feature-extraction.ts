import { checkInputs, toBatches, toFeeds } from "../batches.ts";
import type { CheckTime } from "../deadline.ts";
import { encodeTexts, TEXT_PARAMETERS } from "../encode.ts";
import { readTexts } from "../inputs.ts";
import type { Model } from "../model.ts";
import { vectorOutput } from "../outputs.ts";
import { boolean, readParameters } from "../parameters.ts";
import { normalized, pool } from "../pooling.ts";
import type { Encoding } from "../tokenizer.ts";
import type { Task } from "./task.ts";

const PARAMETERS = { normalize: boolean, ...TEXT_PARAMETERS };

/**
 * One vector per text, as the Hugging Face inference API gives for sentence embeddings: `inputs` a text → `[dims]`,
 * a list of texts → `[[dims], …]` in the list's order.
 */
export const featureExtraction: Task = {
  warmUp: "warm up",
  check({ graph }) {
    checkInputs(graph.inputs);
    vectorOutput(graph.outputs);
  },
  async run(model, { inputs, pathOf, ...request }, checkTime) {
    const { texts, single, fieldOf } = readTexts(inputs);
    const parameters = readParameters({ ...request, pathOf }, PARAMETERS);
    const encodings = encodeTexts(model, texts, { parameters, pathOf, fieldOf, checkTime });
    const vectors = await embed(model, encodings, checkTime);
    const result = (parameters.normalize ?? model.manifest.normalize) ? vectors.map(normalized) : vectors;
    return single ? result[0] : result;
  },
};

/** A pooled vector for each text, computed in batches, given in the texts' order. */
async function embed(
  { graph, manifest, tokenizer }: Model,
  encodings: readonly Encoding[],
  checkTime: CheckTime,
): Promise<number[][]> {
  checkInputs(graph.inputs);
  const output = vectorOutput(graph.outputs).name;
  const vectors = new Array<number[]>(encodings.length);
  for (const indexes of toBatches(encodings.map(({ ids }) => ids.length))) {
    checkTime();
    const batch = indexes.map((index) => encodings[index] as Encoding);
    const result = await graph.run(toFeeds(batch, tokenizer.padId, graph.inputs), output);
    const lengths = batch.map(({ ids }) => ids.length);
    const pooled = pool(result, lengths, manifest.pooling);
    for (const [i, index] of indexes.entries()) vectors[index] = pooled[i] ?? [];
  }
  return vectors;
}
