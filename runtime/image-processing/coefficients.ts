import type { Filter } from "./filters.ts";

/** Fractional bits of a weight: 32, minus 8 for a byte, minus 2 for sums that exceed it. */
export const PRECISION = 22;

/** The source pixels for each pixel along one side, with their weights in fixed point. */
export interface Coefficients {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `stride` weights per pixel, of which `count` are used. */
  readonly weights: Int32Array;
  readonly stride: number;
}

export interface Side {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly length: number;
}

/**
 * Coefficients as Pillow computes them, including its rounding. When a side shrinks, the filter covers all source pixels.
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

/**
 * The nearest source pixel for each pixel. The position is accumulated, as in Pillow, to reproduce its rounding
 * error.
 */
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
