/** A tensor of images/model/questions.py: all numbers of an input, some of an output. */
export interface Tensor {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

/** One run of the graph: what Python feeds it with for the same texts, and gets. */
export interface ExpectedRun {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** A request and what the program should make of it; without runs it only has to answer. */
export interface Question {
  /** In words, for the error: `three texts together`. */
  readonly what: string;
  readonly request: object;
  /** Whether the answer may also be had piece by piece: then it has to be the same. */
  readonly streams: boolean;
  /** Those that the answer begins with; a task that writes goes on with further ones. */
  readonly runs: readonly ExpectedRun[];
}

/** The same numbers of an output as images/model/questions.py takes. */
const COMPARED = 500;

export function compared(values: ArrayLike<number | bigint>): number[] {
  const stride = Math.max(1, Math.ceil(values.length / COMPARED));
  return Array.from({ length: Math.ceil(values.length / stride) }, (_, i) => Number(values[i * stride]));
}
