import type { SingleInput, TokenInput } from "../../models/graph/decoder.ts";
import type { Port, Values } from "../onnx/graph.ts";

/** The tokens that a decoder reads in one step, and the number of tokens before them in its cache. */
export interface DecoderStep {
  readonly tokens: readonly number[];
  readonly before: number;
}

type Ids = Values<BigInt64Array>;

const NUMBERS: Readonly<Record<TokenInput, (step: DecoderStep) => readonly number[]>> = {
  input_ids: ({ tokens }) => tokens,
  decoder_input_ids: ({ tokens }) => tokens,
  attention_mask: ({ tokens, before }) => new Array<number>(before + tokens.length).fill(1),
  decoder_attention_mask: ({ tokens, before }) => new Array<number>(before + tokens.length).fill(1),
  position_ids: positions,
  decoder_position_ids: positions,
  cache_position: positions,
  token_type_ids: ({ tokens }) => tokens.map(() => 0),
};

const SINGLE: Readonly<Record<SingleInput, (step: DecoderStep) => number>> = {
  use_cache_branch: ({ before }) => (before > 0 ? 1 : 0),
  num_logits_to_keep: () => 1,
  logits_to_keep: () => 1,
};

function positions({ tokens, before }: DecoderStep): number[] {
  return tokens.map((_, i) => before + i);
}

/**
 * The tensor for an input, with the rank that the graph declares. An input with an undeclared rank has an empty shape
 * too, and gets a row.
 * @throws Error for another rank
 */
export function feedFor(port: Port, step: DecoderStep): Ids {
  const { name, shape } = port;
  const single = SINGLE[name as SingleInput]?.(step);
  if (single !== undefined)
    return { data: BigInt64Array.of(BigInt(single)), dims: shape.length === 0 ? [] : [1] };
  const numbers = NUMBERS[name as TokenInput]?.(step) ?? [];
  if (shape.length === 1) return { data: BigInt64Array.from(numbers, BigInt), dims: [numbers.length] };
  if (shape.length === 3 && typeof shape[0] === "number") return repeated(numbers, shape[0]);
  if (shape.length !== 2 && shape.length !== 0) {
    throw new Error(`input ${name} has ${shape.length} dimensions, and tokens give [batch, tokens]`);
  }
  return { data: BigInt64Array.from(numbers, BigInt), dims: [1, numbers.length] };
}

/** The same row several times: models of text and pictures have positions for time, height and width. */
function repeated(numbers: readonly number[], times: number): Ids {
  const rows = Array.from({ length: times }, () => numbers).flat();
  return { data: BigInt64Array.from(rows, BigInt), dims: [times, 1, numbers.length] };
}
