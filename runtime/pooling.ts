import type { ModelManifest } from "../models/spec.ts";
import type { Row } from "./encoder.ts";

/** How token vectors become one vector per text. */
export type Pooling = ModelManifest["pooling"];

/** One vector from a text's [tokens, dims]: the mean, or the first token's. One dimension is pooled already. */
export function pool({ data, dims }: Row, pooling: Pooling): number[] {
  const [tokens = 1, width = 0] = dims.length === 2 ? dims : [1, dims[0]];
  const own = pooling === "mean" ? tokens : 1;
  const vector = new Array<number>(width).fill(0);
  for (let token = 0; token < own; token++) {
    for (let i = 0; i < width; i++) vector[i] = (vector[i] ?? 0) + (data[token * width + i] ?? 0) / own;
  }
  return vector;
}

/**
 * The vector scaled to length 1 (a zero vector stays). Rounded to eight decimals: float32 carries no more, and the
 * reply is half as long.
 */
export function normalized(vector: readonly number[]): number[] {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) || 1;
  return vector.map((value) => Math.round((value / length) * 1e8) / 1e8);
}
