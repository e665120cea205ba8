import type { Port, Ports } from "../../models/graph/port.ts";

/** A tensor: `dims` from the outermost, data in row-major order. */
export interface Values<Data> {
  readonly data: Data;
  readonly dims: readonly number[];
}

export type { Port };

/** The data of a tensor; the class follows from its element type. */
export type Numbers = Float32Array | Float64Array | Float16Array | BigInt64Array | Int32Array | Uint8Array;

/** Inputs of a graph; numbers are converted to the element type of the input. */
export type Feeds = Readonly<Record<string, Values<Numbers>>>;

/** An open ONNX Runtime session, reduced to what the tasks use, so that tests can replace it. */
export interface Graph extends Ports {
  /** Computes only the named outputs, in this order and with their own element types. */
  run(feeds: Feeds, outputs: readonly string[]): Promise<Values<Numbers>[]>;
  close(): Promise<void>;
}

/**
 * An output converted to 32-bit floats.
 * @throws Error for an output of integers
 */
export function floatsOf({ data, dims }: Values<Numbers>, name: string): Values<Float32Array> {
  if (data instanceof Float32Array) return { data, dims };
  if (data instanceof Float16Array || data instanceof Float64Array)
    return { data: Float32Array.from(data), dims };
  throw new Error(`output "${name}" does not consist of floats`);
}
