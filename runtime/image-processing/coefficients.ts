import type { Filter } from "./filters.ts";

/** Bits behind the point of a weight: 32 less those of a byte, less two for sums that go beyond it. */
export const PRECISION = 22;

/** The source pixels that make each pixel along one side, and their weights in fixed point. */
export interface Coefficients {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `stride` weights per pixel, of which `count` are used. */
  readonly weights: Int32Array;
  readonly stride: number;
}

export interface Side {
  /** Length before and after. */
  readonly from: number;
  readonly to: number;
  /** The part of the result that is wanted. */
  readonly start: number;
  readonly length: number;
}

/**
 * Weights as Pillow computes them, down to the rounding: a side that shrinks is filtered over all the pixels that
 * become one, so that nothing is lost.
 */
export function coefficientsOf({ from, to, start, length }: Side, filter: Filter): Coefficients {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const support = filter.support * stretch;
  const stride = Math.ceil(support) * 2 + 1;
  const coefficients: Coefficients = {
    first: new Int32Array(length),
    count: new Int32Array(length),
    weights: new Int32Array(length * stride),
    stride,
  };
  for (let i = 0; i < length; i++) {
    const center = (start + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(from, Math.trunc(center + support + 0.5)) - first;
    coefficients.first[i] = first;
    coefficients.count[i] = count;
    const weights = new Float64Array(count);
    let total = 0;
    for (let k = 0; k < count; k++) {
      weights[k] = filter.weight((first + k - center + 0.5) * (1 / stretch));
      total += weights[k] as number;
    }
    const sum = total || 1;
    for (let k = 0; k < count; k++) {
      const fixed = ((weights[k] as number) / sum) * 2 ** PRECISION;
      coefficients.weights[i * stride + k] = Math.trunc(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    }
  }
  return coefficients;
}

/** The nearest source pixel of each; the position is added up, as Pillow does, so that it errs alike. */
export function nearestOf({ from, to, start, length }: Side): Int32Array {
  const scale = from / to;
  const nearest = new Int32Array(length);
  let at = scale * 0.5;
  for (let i = 0; i < start + length; i++) {
    if (i >= start) nearest[i - start] = Math.min(from - 1, Math.trunc(at));
    at += scale;
  }
  return nearest;
}
