import type { ModelManifest, Pooling } from "../../models/spec.ts";
import type { Row } from "./run-text-encoder.ts";

/** Token vectors of one text, concatenated. */
interface Tokens {
  readonly data: Float32Array;
  readonly width: number;
  /** The tokens to pool: from `first` up to, not including, `end`. */
  readonly first: number;
  readonly end: number;
}

function weightedSum({ data, width, first, end }: Tokens, weight: (token: number) => number) {
  const sum = new Float64Array(width);
  let weights = 0;
  for (let token = first, at = first * width; token < end; token++) {
    const factor = weight(token);
    weights += factor;
    for (let i = 0; i < width; i++, at++) sum[i] = (sum[i] as number) + factor * (data[at] as number);
  }
  return { sum, weights };
}

function divided(vector: Float64Array, by: number): Float64Array {
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / by;
  return vector;
}

const tokenAt = ({ data, width }: Tokens, token: number): Float64Array =>
  Float64Array.from(data.subarray(token * width, (token + 1) * width));

function largest(tokens: Tokens): Float64Array {
  const { data, width, first, end } = tokens;
  const vector = tokenAt(tokens, first);
  for (let token = first + 1, at = token * width; token < end; token++) {
    for (let i = 0; i < width; i++, at++) vector[i] = Math.max(vector[i] as number, data[at] as number);
  }
  return vector;
}

const WAYS: Readonly<Record<Pooling, (tokens: Tokens) => Float64Array>> = {
  cls: (tokens) => tokenAt(tokens, tokens.first),
  lasttoken: (tokens) => tokenAt(tokens, tokens.end - 1),
  max: largest,
  mean(tokens) {
    const { sum, weights } = weightedSum(tokens, () => 1);
    return divided(sum, weights);
  },
  mean_sqrt_len_tokens(tokens) {
    const { sum, weights } = weightedSum(tokens, () => 1);
    return divided(sum, Math.sqrt(weights));
  },
  weightedmean(tokens) {
    const { sum, weights } = weightedSum(tokens, (token) => token + 1);
    return divided(sum, weights);
  },
};

/**
 * Pools a text's [tokens, dims] into one vector, as sentence-transformers does; the vectors of several modes are
 * concatenated. A tensor of one dimension is already pooled.
 * @param skip number of tokens at the beginning to leave out; positions still count from the first token
 */
export function pool(
  { data, dims }: Row,
  pooling: ModelManifest["pooling"],
  { skip = 0 }: { readonly skip?: number } = {},
): Float64Array {
  if (dims.length < 2) return Float64Array.from(data);
  const [end = 0, width = 0] = dims;
  const ways = typeof pooling === "string" ? [pooling] : pooling;
  // The text is only a prompt: no tokens are left.
  if (skip >= end) return new Float64Array(ways.length * width);
  const vectors = ways.map((way) => WAYS[way]({ data, width, first: skip, end }));
  if (vectors.length === 1) return vectors[0] as Float64Array;
  return Float64Array.from(vectors.flatMap((vector) => [...vector]));
}

export function toNumbers(vector: Float64Array): number[] {
  return Array.from(vector);
}

/**
 * Scales a vector to length 1; a zero vector is not changed. Rounded to eight decimals: float32 has no more, and the
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
