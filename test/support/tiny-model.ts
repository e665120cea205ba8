import type { TextModel } from "../../runtime/model/model.ts";
import type { Graph, Values } from "../../runtime/onnx/graph.ts";
import { newWork, type Work } from "../../runtime/request/work.ts";
import { taskNamed } from "../../runtime/tasks/index.ts";
import { textTokenizer } from "../../runtime/tokenizer/tokenizer.ts";
import { TINY_TOKENIZER } from "./tiny-tokenizer.ts";

/** What a test needs when it does not care for the time. */
export const work = (checkTime = () => {}): Work => newWork(checkTime);

export const port = (name: string, type: string, shape: (string | number)[]) => ({ name, type, shape });

/** A graph that gives each token of each text some numbers, computed from its id, position and whether it is padding. */
export function graphOf(
  outputs: Record<string, (id: number, position: number, isText: boolean) => number[]>,
): Graph & { readonly runs: number[][] } {
  const runs: number[][] = [];
  return {
    runs,
    inputs: ["input_ids", "attention_mask"].map((name) => port(name, "int64", ["batch", "tokens"])),
    outputs: Object.entries(outputs).map(([name, numbers]) => {
      const width = numbers(0, 0, true).length;
      return port(name, "float32", width === 1 ? ["batch", "tokens"] : ["batch", "tokens", width]);
    }),
    async run({ input_ids: ids, attention_mask: mask }, names) {
      const [texts = 0, tokens = 0] = ids?.dims ?? [];
      runs.push([texts, tokens]);
      return names.map((name): Values<Float32Array> => {
        const rows = [...(ids?.data ?? [])].map((id, i) =>
          (outputs[name] ?? (() => []))(Number(id), i % tokens, Number(mask?.data[i]) === 1),
        );
        const width = rows[0]?.length ?? 1;
        return {
          data: Float32Array.from(rows.flat()),
          dims: width === 1 ? [texts, tokens] : [texts, tokens, width],
        };
      });
    },
    close: async () => {},
  };
}

/** A graph that gives each text some numbers, computed from its tokens without padding. */
export function textGraph(name: string, numbers: (ids: number[]) => number[]): Graph {
  return {
    ...graphOf({}),
    outputs: [port(name, "float32", ["batch", numbers([]).length])],
    async run({ input_ids: ids, attention_mask: mask }) {
      const [texts = 0, tokens = 0] = ids?.dims ?? [];
      const rows = Array.from({ length: texts }, (_, row) => {
        const own = Array.from({ length: tokens }, (_, i) => row * tokens + i).filter(
          (i) => Number(mask?.data[i]) === 1,
        );
        return numbers(own.map((i) => Number(ids?.data[i])));
      });
      return [{ data: Float32Array.from(rows.flat()), dims: [texts, rows[0]?.length ?? 0] }];
    },
  };
}

/** A graph whose token vectors are [id, position + 1]; padding gives 1000s, so that it shows when it is counted. */
export function tinyGraph() {
  return graphOf({
    last_hidden_state: (id, position, isText) => (isText ? [id, position + 1] : [1000, 1000]),
  });
}

/** A model of the tiny tokenizer and a graph: feature-extraction, mean, not normalized, at most 6 tokens. */
export function tinyModel(graph: Graph = tinyGraph(), changes: Partial<TextModel> = {}): TextModel {
  return {
    manifest: { name: "tiny", task: "feature-extraction", maxTokens: 6, pooling: "mean", normalize: false },
    config: {},
    tokenizer: textTokenizer(TINY_TOKENIZER, {}),
    graph,
    graphs: [graph],
    task: taskNamed("feature-extraction"),
    chat: async (messages) => messages.map(({ content }) => content).join(" "),
    ...changes,
  };
}
