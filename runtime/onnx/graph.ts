import type { Port, Ports } from "../../models/graph/port.ts";

/** A tensor as the tasks see it; `dims` from the outermost, data in row-major order. */
export interface Values<Data> {
  readonly data: Data;
  readonly dims: readonly number[];
}

export type { Port };

/** The data of a tensor, by its element type. */
export type Numbers = Float32Array | Float64Array | Float16Array | BigInt64Array | Int32Array | Uint8Array;

/** What goes into a graph; numbers of another type than it asks for are converted. */
export type Feeds = Readonly<Record<string, Values<Numbers>>>;

/** An opened model file: what the tasks need of an ONNX Runtime session, and what a test can stand in for. */
export interface Graph extends Ports {
  /** Computes the named outputs, in their order and their own element types; only what they need is computed. */
  run(feeds: Feeds, outputs: readonly string[]): Promise<Values<Numbers>[]>;
  /** Gives the memory back. */
  close(): Promise<void>;
}

/** An output's numbers as floats of 32 bits. */
export function floatsOf({ data, dims }: Values<Numbers>, name: string): Values<Float32Array> {
  if (data instanceof Float32Array) return { data, dims };
  if (data instanceof Float16Array || data instanceof Float64Array)
    return { data: Float32Array.from(data), dims };
  throw new Error(`output "${name}" is not of floats`);
}
