import type { Values } from "../graph.ts";

/** Whole numbers as a tensor of one row. */
export function row(numbers: readonly number[]): Values<BigInt64Array> {
  return { data: BigInt64Array.from(numbers, BigInt), dims: [1, numbers.length] };
}

/** A row of the same number. */
export function rowOf(value: number, length: number): Values<BigInt64Array> {
  return { data: new BigInt64Array(length).fill(BigInt(value)), dims: [1, length] };
}

/** A tensor of one element, as the switch of merged decoders is. */
export function flag(on: boolean): Values<BigInt64Array> {
  return { data: BigInt64Array.of(on ? 1n : 0n), dims: [1] };
}
