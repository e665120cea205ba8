import type { Graph } from "../../../runtime/graph.ts";
import type { Model } from "../../../runtime/model.ts";
import { taskNamed } from "../../../runtime/tasks/index.ts";
import { textTokenizer } from "../../../runtime/tokenizer.ts";
import { TINY_TOKENIZER } from "./tiny-tokenizer.ts";

/** A graph whose token vectors are [id, position + 1]; padding gives 1000s, so that it shows when it is counted. */
export function tinyGraph(): Graph & { readonly runs: number[][] } {
  const runs: number[][] = [];
  return {
    runs,
    inputs: ["input_ids", "attention_mask"],
    outputs: [{ name: "last_hidden_state", type: "float32", shape: ["batch", "tokens", 2] }],
    async run({ input_ids: ids, attention_mask: mask }) {
      const [texts = 0, tokens = 0] = ids?.dims ?? [];
      runs.push([texts, tokens]);
      const data = Array.from(ids?.data ?? [], (id, i) =>
        mask?.data[i] === 1n ? [Number(id), (i % tokens) + 1] : [1000, 1000],
      );
      return { data: Float32Array.from(data.flat()), dims: [texts, tokens, 2] };
    },
  };
}

/** A feature-extraction model of the tiny tokenizer and graph: mean, not normalized, at most 6 tokens. */
export function tinyModel(graph: Graph = tinyGraph()): Model {
  return {
    manifest: { name: "tiny", task: "feature-extraction", maxTokens: 6, pooling: "mean", normalize: false },
    tokenizer: textTokenizer(TINY_TOKENIZER, {}),
    graph,
    task: taskNamed("feature-extraction"),
  };
}
