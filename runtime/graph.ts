/** A tensor as the tasks see it; `dims` from the outermost, data in row-major order. */
export interface Values<Data> {
  readonly data: Data;
  readonly dims: readonly number[];
}

/** What a graph says of one of its outputs; a dimension that is not fixed has a name, not a number. */
export interface GraphOutput {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** An opened model file: what the tasks need of an ONNX Runtime session, and what a test can stand in for. */
export interface Graph {
  readonly inputs: readonly string[];
  readonly outputs: readonly GraphOutput[];
  /** Computes one float output; only what that output needs is computed. */
  run(feeds: Readonly<Record<string, Values<BigInt64Array>>>, output: string): Promise<Values<Float32Array>>;
}
