import type { Values } from "./graph.ts";
import type { Encoding } from "./tokenizer.ts";

/**
 * Cells (texts × longest text's tokens) of one run. Measured with MiniLM on texts of 12 to 128 tokens: above 1024 a
 * text takes longer, not shorter; memory grows in proportion, and nobody sees the deadline meanwhile.
 */
const MAX_CELLS = 1024;

/** Groups texts of similar length, as indexes into `lengths`, so that little is computed for padding. */
export function toBatches(lengths: readonly number[], maxCells: number = MAX_CELLS): number[][] {
  const shortestFirst = lengths
    .map((length, index) => ({ length, index }))
    .sort((a, b) => a.length - b.length);
  const batches: number[][] = [];
  let batch: number[] = [];
  for (const { length, index } of shortestFirst) {
    if (batch.length > 0 && (batch.length + 1) * length > maxCells) {
      batches.push(batch);
      batch = [];
    }
    batch.push(index);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** Rows for each input that an encoder may ask for: the value of a token, and what fills the row after the last. */
const ENCODER_INPUTS = {
  input_ids: { value: (encoding: Encoding, i: number) => encoding.ids[i], fill: (padId: number) => padId },
  attention_mask: { value: () => 1, fill: () => 0 },
  token_type_ids: { value: (encoding: Encoding, i: number) => encoding.typeIds[i], fill: () => 0 },
};

type EncoderInput = keyof typeof ENCODER_INPUTS;

/** Throws when a graph asks for an input that texts alone do not give. */
export function checkInputs(inputs: readonly string[]): asserts inputs is EncoderInput[] {
  const unknown = inputs.filter((name) => !Object.hasOwn(ENCODER_INPUTS, name));
  if (unknown.length === 0) return;
  const known = Object.keys(ENCODER_INPUTS).join(", ");
  throw new Error(`the graph asks for ${unknown.join(", ")}; an encoder task gives ${known}`);
}

/** The int64 tensors [texts, longest] that a graph asks for, shorter texts padded on the right. */
export function toFeeds(
  encodings: readonly Encoding[],
  padId: number,
  inputs: readonly EncoderInput[],
): Record<string, Values<BigInt64Array>> {
  const longest = Math.max(...encodings.map(({ ids }) => ids.length));
  const feeds: Record<string, Values<BigInt64Array>> = {};
  for (const name of inputs) {
    const { value, fill } = ENCODER_INPUTS[name];
    const data = new BigInt64Array(encodings.length * longest).fill(BigInt(fill(padId)));
    for (const [row, encoding] of encodings.entries()) {
      for (let i = 0; i < encoding.ids.length; i++) data[row * longest + i] = BigInt(value(encoding, i) ?? 0);
    }
    feeds[name] = { data, dims: [encodings.length, longest] };
  }
  return feeds;
}
