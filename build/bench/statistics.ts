/** A figure with the interval that holds it in 95 of 100 repetitions of the measurement. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Resamplings of one bootstrap: the ends of a 95 % interval move by less than a hundredth of its width with more. */
const RESAMPLES = 400;

/**
 * The quantile p (0 to 1) of values in ascending order, interpolated between the two nearest ones: type 7 of Hyndman and
 * Fan, as NumPy, R and Excel have it. Of no values it is NaN.
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = (sorted.length - 1) * p;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** Values from the smallest to the largest. */
export const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

/** The middle of values in any order; undefined of none. */
export const median = (values: readonly number[] = []): number | undefined =>
  values.length > 0 ? quantile(ascending(values), 0.5) : undefined;

/** The mean with its interval of 95 % by the central limit theorem; of one value the interval is that value. */
export function estimateMean(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const half = values.length < 2 ? 0 : 1.96 * Math.sqrt(squares / (values.length - 1) / values.length);
  return { value: mean, low: mean - half, high: mean + half };
}

/** Numbers from 0 up to 1, the same ones for the same seed: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values drawn from the sorted ones with replacement, in ascending order: counted by place, so that nothing is sorted again. */
function resample(sorted: readonly number[], random: () => number): Float64Array {
  const counts = new Uint32Array(sorted.length);
  for (let drawn = 0; drawn < sorted.length; drawn++) {
    const place = Math.floor(random() * sorted.length);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  const again = new Float64Array(sorted.length);
  let at = 0;
  for (const [place, count] of counts.entries()) {
    again.fill(sorted[place] as number, at, at + count);
    at += count;
  }
  return again;
}

/**
 * Quantiles of measured values, each with its percentile bootstrap interval of 95 % (Efron 1979). The same values and seed
 * give the same interval. Of one value the interval is that value, of none everything is NaN.
 */
export function estimateQuantiles(
  values: readonly number[],
  quantiles: readonly number[],
  seed = 1,
): Estimate[] {
  const sorted = ascending(values);
  const random = randomOf(seed);
  const drawn = Array.from({ length: RESAMPLES }, () => {
    const again = resample(sorted, random);
    return quantiles.map((p) => quantile(again, p));
  });
  return quantiles.map((p, index) => {
    const spread = ascending(drawn.map((row) => row[index] as number));
    return { value: quantile(sorted, p), low: quantile(spread, 0.025), high: quantile(spread, 0.975) };
  });
}
