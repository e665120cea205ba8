import type { ModelManifest } from "../models/spec.ts";
import type { Values } from "./graph.ts";

/** How token vectors become one vector per text. */
export type Pooling = ModelManifest["pooling"];

/**
 * One vector per text from [texts, tokens, dims]: the mean of its own tokens' vectors (padding left out), or the
 * first token's. Padding must be on the right. Output of two dimensions is pooled already and taken as it is.
 * @param lengths how many tokens each text has, i.e. the sums of the attention mask's rows
 */
export function pool(output: Values<Float32Array>, lengths: readonly number[], pooling: Pooling): number[][] {
  const dims = output.dims.at(-1) ?? 0;
  const tokens = output.dims.length === 3 ? (output.dims[1] ?? 0) : 1;
  return lengths.map((length, text) => {
    const own = pooling === "mean" ? Math.min(length, tokens) : 1;
    const vector = new Array<number>(dims).fill(0);
    for (let token = 0; token < own; token++) {
      const start = (text * tokens + token) * dims;
      for (let i = 0; i < dims; i++) vector[i] = (vector[i] ?? 0) + (output.data[start + i] ?? 0) / own;
    }
    return vector;
  });
}

/**
 * The vector scaled to length 1 (a zero vector stays). Rounded to eight decimals: float32 carries no more, and the
 * reply is half as long.
 */
export function normalized(vector: readonly number[]): number[] {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) || 1;
  return vector.map((value) => Math.round((value / length) * 1e8) / 1e8);
}
