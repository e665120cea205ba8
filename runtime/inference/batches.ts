import { type EncoderInput, fixedSizes } from "../../models/graph/encoder.ts";
import type { Feeds, Port } from "../onnx/graph.ts";
import type { Encoding } from "../tokenizer/encoding.ts";
import type { TextTokenizer } from "../tokenizer/types.ts";

/**
 * Cells (texts × tokens of the longest text) of one run. Measured with MiniLM on texts of 12 to 128 tokens: above 1024
 * the time per text grows. Memory grows in proportion, and the deadline cannot be checked during a run.
 */
const MAX_CELLS = 1024;

/** Limit of the values per run for outputs with many values per token (a vocabulary's logits): 32 MB of floats. */
const MAX_NUMBERS = 8 * 1024 * 1024;

/** Cells of one run when each has `width` output values. */
export function cellLimit(width: number): number {
  return Math.max(1, Math.min(MAX_CELLS, Math.floor(MAX_NUMBERS / width)));
}

interface BatchLimits {
  readonly maxCells?: number;
  readonly maxTexts?: number | undefined;
}

/** Groups texts of similar length, to reduce padding. Returns indexes into `lengths`. */
export function toBatches(
  lengths: readonly number[],
  { maxCells = MAX_CELLS, maxTexts = Infinity }: BatchLimits = {},
): number[][] {
  const shortestFirst = lengths
    .map((length, index) => ({ length, index }))
    .sort((a, b) => a.length - b.length);
  const batches: number[][] = [];
  let batch: number[] = [];
  for (const { length, index } of shortestFirst) {
    if (batch.length > 0 && (batch.length === maxTexts || (batch.length + 1) * length > maxCells)) {
      batches.push(batch);
      batch = [];
    }
    batch.push(index);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

type Tokens = Pick<Encoding, "ids" | "typeIds">;

/** The values of a row, and the value that pads it. */
interface Column {
  readonly values: (encoding: Tokens) => readonly number[];
  readonly fill: (padId: number) => number;
}

const COLUMNS: Readonly<Record<EncoderInput, Column>> = {
  input_ids: { values: ({ ids }) => ids, fill: (padId) => padId },
  attention_mask: { values: ({ ids }) => ids.map(() => 1), fill: () => 0 },
  token_type_ids: { values: ({ typeIds }) => typeIds, fill: () => 0 },
  position_ids: { values: ({ ids }) => ids.map((_, position) => position), fill: () => 0 },
};

/**
 * The graph's input tensors [texts, longest], with shorter texts padded on the tokenizer's side. If the graph has a fixed
 * batch size, the last text is repeated.
 * @throws when a text is longer than the graph's fixed number of tokens
 */
export function toFeeds(
  given: readonly Tokens[],
  inputs: readonly Pick<Port, "name" | "shape">[],
  { padId, padSide }: Pick<TextTokenizer, "padId" | "padSide">,
): Feeds {
  const { texts = given.length, tokens } = fixedSizes(inputs);
  const encodings = Array.from(
    { length: texts },
    (_, row) => given[Math.min(row, given.length - 1)] as Tokens,
  );
  const most = Math.max(...given.map(({ ids }) => ids.length));
  const longest = tokens ?? most;
  if (most > longest) throw new Error(`a text has ${most} tokens, and the graph takes ${longest}`);
  const toFeed = ({ values, fill }: Column) => {
    const data = new BigInt64Array(encodings.length * longest).fill(BigInt(fill(padId)));
    for (const [row, encoding] of encodings.entries()) {
      const numbers = values(encoding);
      const start = row * longest + (padSide === "left" ? longest - numbers.length : 0);
      for (let i = 0; i < numbers.length; i++) data[start + i] = BigInt(numbers[i] ?? 0);
    }
    return { data, dims: [encodings.length, longest] };
  };
  const columns: Readonly<Record<string, Column | undefined>> = COLUMNS;
  const asked = inputs.map(({ name }) => [name, columns[name]] as const);
  return Object.fromEntries(asked.flatMap(([name, column]) => (column ? [[name, toFeed(column)]] : [])));
}
