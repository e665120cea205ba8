import type { ModelManifest, Pooling } from "../../models/spec.ts";
import type { Row } from "./run-text-encoder.ts";

/** The own token vectors of one text, one after the other. */
interface Tokens {
  readonly data: Float32Array;
  readonly width: number;
  /** The tokens that count: from `first` up to, not including, `end`. */
  readonly first: number;
  readonly end: number;
}

/** Sums of token vectors, each times the weight of its position, and the sum of the weights. */
function weightedSum({ data, width, first, end }: Tokens, weight: (token: number) => number) {
  const sum = new Float64Array(width);
  let weights = 0;
  for (let token = first, at = first * width; token < end; token++) {
    const own = weight(token);
    weights += own;
    for (let i = 0; i < width; i++, at++) sum[i] = (sum[i] as number) + own * (data[at] as number);
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
 * One vector from a text's [tokens, dims], pooled as sentence-transformers does; several ways give vectors that are joined.
 * One dimension is pooled already.
 * @param skip tokens at the beginning that do not count; positions are those of the whole text all the same
 */
export function pool(
  { data, dims }: Row,
  pooling: ModelManifest["pooling"],
  { skip = 0 }: { readonly skip?: number } = {},
): Float64Array {
  if (dims.length < 2) return Float64Array.from(data);
  const [end = 0, width = 0] = dims;
  const ways = typeof pooling === "string" ? [pooling] : pooling;
  // Nothing but a prompt: there is no token to take.
  if (skip >= end) return new Float64Array(ways.length * width);
  const vectors = ways.map((way) => WAYS[way]({ data, width, first: skip, end }));
  if (vectors.length === 1) return vectors[0] as Float64Array;
  return Float64Array.from(vectors.flatMap((vector) => [...vector]));
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
