/** Pillow's filters (src/libImaging/Resample.c): the weight of a source pixel at distance `x`. */
export interface Filter {
  /** Distance from which on the weight is 0. */
  readonly support: number;
  readonly weight: (x: number) => number;
}

/** The parameter a of the cubic convolution. */
const A = -0.5;

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

function cubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return ((A + 2) * d - (A + 3)) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * A : 0;
}

function hamming(x: number): number {
  const d = Math.abs(x);
  return d < 1 ? sinc(d) * (0.54 + 0.46 * Math.cos(d * Math.PI)) : 0;
}

/** By Pillow's numbers, as in `resample` of preprocessor_config.json. */
export const FILTERS: readonly (Filter | "nearest")[] = [
  "nearest",
  { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
  { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  { support: 2, weight: cubic },
  { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  { support: 1, weight: hamming },
];
