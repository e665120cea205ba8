/** A tensor from images/model/questions.py: all values of an input, some of an output. */
export interface Tensor {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

/** One run of the graph in Python: the inputs for the same texts, and the outputs. */
export interface ExpectedRun {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** A request and the expected runs; without runs, the program only has to answer. */
export interface Question {
  /** Description for errors: `three texts together`. */
  readonly what: string;
  readonly request: object;
  /** Whether the answer can be streamed; then both forms must be equal. */
  readonly streams: boolean;
  /** The first runs; a generating task makes more. */
  readonly runs: readonly ExpectedRun[];
}

/** Number of values of an output that are compared, the same as in images/model/questions.py. */
const COMPARED = 500;

export function compared(values: ArrayLike<number | bigint>): number[] {
  const stride = Math.max(1, Math.ceil(values.length / COMPARED));
  return Array.from({ length: Math.ceil(values.length / stride) }, (_, i) => Number(values[i * stride]));
}
