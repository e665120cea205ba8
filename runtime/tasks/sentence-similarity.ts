import { normalized } from "../inference/pooling.ts";
import { TEXT_PARAMETERS } from "../inference/tokenize.ts";
import type { Task, TextModel } from "../model/model.ts";
import { NUMBER_BYTES, refuseLargeAnswer } from "../request/answer-size.ts";
import { readObjects } from "../request/inputs.ts";
import { readParameters, text } from "../request/parameters.ts";
import { embed } from "./embeddings.ts";

const PARAMETERS = { prompt_name: text, ...TEXT_PARAMETERS };

/**
 * Compares texts: `inputs` {source_sentence, sentences} → the cosine similarity of the source to each sentence, in
 * their order. A list of such objects gives a list of lists.
 */
export const sentenceSimilarity: Task<TextModel> = {
  parameters: PARAMETERS,
  warmUp: () => ({ inputs: { source_sentence: "warm up", sentences: ["warm"] } }),
  async run(model, request, work) {
    const fields = { source_sentence: "text", sentences: "texts" } as const;
    const { items, single, fieldOf } = readObjects(request.inputs, fields);
    const parameters = readParameters(request, PARAMETERS);
    const sentences = items.reduce((sum, item) => sum + item.sentences.length, 0);
    refuseLargeAnswer(sentences * NUMBER_BYTES, work, "inputs");
    function fieldAt(index: number): string {
      let [item, place] = [0, index];
      for (const { sentences } of items) {
        if (place <= sentences.length) break;
        place -= sentences.length + 1;
        item++;
      }
      return `${fieldOf(item)}.${place === 0 ? "source_sentence" : `sentences[${place - 1}]`}`;
    }
    const options = {
      parameters,
      promptName: parameters.prompt_name,
      pathOf: request.pathOf,
      fieldOf: fieldAt,
      work,
    };
    const texts = items.values().flatMap((item) => [item.source_sentence, ...item.sentences]);
    const vectors = embed(model, texts, options);
    const next = async () => normalized((await vectors.next()).value ?? new Float64Array());
    const scores: number[][] = [];
    for (const { sentences } of items) {
      const source = await next();
      const similarities: number[] = [];
      for (const _ of sentences) similarities.push(cosine(source, await next()));
      scores.push(similarities);
    }
    return single ? scores[0] : scores;
  },
};

/** For vectors of length 1. */
function cosine(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}
