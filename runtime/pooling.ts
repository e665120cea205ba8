import type { ModelManifest } from "../models/spec.ts";
import type { Row } from "./encoder.ts";

/** How token vectors become one vector per text. */
export type Pooling = ModelManifest["pooling"];

/** One vector from a text's [tokens, dims]: the mean, or the first token's. One dimension is pooled already. */
export function pool({ data, dims }: Row, pooling: Pooling): Float64Array {
  const [tokens = 1, width = 0] = dims.length === 2 ? dims : [1, dims[0]];
  const own = pooling === "mean" ? tokens : 1;
  const vector = new Float64Array(width);
  for (let token = 0, at = 0; token < own; token++) {
    for (let i = 0; i < width; i++, at++) vector[i] = (vector[i] as number) + (data[at] as number);
  }
  for (let i = 0; i < width; i++) vector[i] = (vector[i] as number) / own;
  return vector;
}

/** The vector's numbers, as JSON wants them. */
export function toNumbers(vector: Float64Array): number[] {
  return Array.from(vector);
}

/**
 * The vector scaled to length 1 (a zero vector stays). Rounded to eight decimals: float32 carries no more, and the
 * reply is half as long.
 */
export function normalized(vector: Float64Array): number[] {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += (vector[i] as number) ** 2;
  const scale = 1e8 / (Math.sqrt(squares) || 1);
  const numbers = new Array<number>(vector.length);
  for (let i = 0; i < vector.length; i++) numbers[i] = Math.round((vector[i] as number) * scale) / 1e8;
  return numbers;
}
