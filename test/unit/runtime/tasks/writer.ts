import type { Graph } from "../../../../runtime/onnx/graph.ts";
import { port } from "../../../support/tiny-model.ts";

/** Writes a, b, c, a … after the last token; keeps the tokens so far in its cache, and reads nothing twice. */
export const WRITER: Graph = {
  inputs: [
    ...["input_ids", "attention_mask", "position_ids"].map((name) =>
      port(name, "int64", ["batch", "tokens"]),
    ),
    port("past_key_values.0.key", "float32", ["batch", 1, "past", 1]),
  ],
  outputs: [
    port("logits", "float32", ["batch", "tokens", 8]),
    port("present.0.key", "float32", ["batch", 1, "past", 1]),
  ],
  async run({ input_ids: ids, attention_mask: mask, "past_key_values.0.key": past }) {
    const tokens = [...(ids?.data ?? [])].map(Number);
    const all = [...[...(past?.data ?? [])].map(Number), ...tokens];
    if (mask && mask.data.length !== all.length) throw new Error("the mask is not as long as the text");
    const next = [5, 6, 4][(all.at(-1) ?? 0) - 4] ?? 4;
    const data = new Float32Array(tokens.length * 8);
    data[(tokens.length - 1) * 8 + next] = 9;
    return [
      { data, dims: [1, tokens.length, 8] },
      { data: Float32Array.from(all), dims: [1, 1, all.length, 1] },
    ];
  },
  close: async () => {},
};
