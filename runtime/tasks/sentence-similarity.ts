import { normalized } from "../inference/pooling.ts";
import { checkEncoder } from "../inference/run-text-encoder.ts";
import { TEXT_PARAMETERS } from "../inference/tokenize.ts";
import { readObjects } from "../request/inputs.ts";
import { readParameters, text } from "../request/parameters.ts";
import { embed } from "./embeddings.ts";
import type { Task } from "./task.ts";

const PARAMETERS = { prompt_name: text, ...TEXT_PARAMETERS };

/**
 * How alike texts are: `inputs` {source_sentence, sentences} → the cosine of the source with each sentence, in their
 * order. A list of such objects gives a list of lists.
 */
export const sentenceSimilarity: Task = {
  parameters: PARAMETERS,
  check: (model) => checkEncoder(model, ["vectors"]),
  warmUp: () => ({ inputs: { source_sentence: "warm up", sentences: ["warm"] } }),
  async run(model, request, work) {
    const fields = { source_sentence: "text", sentences: "texts" } as const;
    const { items, single, fieldOf } = readObjects(request.inputs, fields);
    const parameters = readParameters(request, PARAMETERS);
    const groups = items.map((item) => [item.source_sentence, ...item.sentences]);
    const paths = groups.flatMap((group, i) =>
      group.map((_, j) => `${fieldOf(i)}.${j === 0 ? "source_sentence" : `sentences[${j - 1}]`}`),
    );
    const options = {
      parameters,
      promptName: parameters.prompt_name,
      pathOf: request.pathOf,
      fieldOf: (index: number) => paths[index] ?? "inputs",
      work,
    };
    const vectors = (await embed(model, groups.flat(), options)).map(normalized);
    const scores = groups.map((group) => {
      const [source = [], ...others] = vectors.splice(0, group.length);
      return others.map((other) => cosine(source, other));
    });
    return single ? scores[0] : scores;
  },
};

/** Of vectors of length 1. */
function cosine(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}
