/** A tensor as the tasks see it; `dims` from the outermost, data in row-major order. */
export interface Values<Data> {
  readonly data: Data;
  readonly dims: readonly number[];
}

/** What a graph says of one of its inputs or outputs; a dimension that is not fixed has a name, not a number. */
export interface Port {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** What goes into a graph; whole numbers become the integer type, or the floats, that the graph asks for. */
export type Feeds = Readonly<Record<string, Values<BigInt64Array | Float32Array>>>;

/** An opened model file: what the tasks need of an ONNX Runtime session, and what a test can stand in for. */
export interface Graph {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Computes the named outputs, in their order; only what they need is computed. */
  run(feeds: Feeds, outputs: readonly string[]): Promise<Values<Float32Array>[]>;
  /** Gives the memory back. */
  close(): Promise<void>;
}
