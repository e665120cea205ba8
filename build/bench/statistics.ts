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

/** Values in ascending order, and for each group of them the places of its values. */
function grouped(values: readonly number[], sizes: readonly number[]) {
  let from = 0;
  const groupOf = sizes.flatMap((size, group) => Array<number>(size).fill(group));
  const isWhole = groupOf.length === values.length;
  const order = [...values.keys()].sort((a, b) => (values[a] as number) - (values[b] as number));
  const groups: number[][] = isWhole ? sizes.map(() => []) : [[]];
  for (const index of order) groups[isWhole ? (groupOf[index] as number) : 0]?.push(from++);
  return {
    sorted: order.map((index) => values[index] as number),
    groups: groups.filter(({ length }) => length > 0),
  };
}

/**
 * Values drawn with replacement, in ascending order: groups first, and of each one drawn its values. Counted by place, so that
 * nothing is sorted again.
 */
function resample({ sorted, groups }: ReturnType<typeof grouped>, random: () => number): Float64Array {
  const counts = new Uint32Array(sorted.length);
  let total = 0;
  for (let drawn = 0; drawn < groups.length; drawn++) {
    const group = groups.length === 1 ? groups[0] : groups[Math.floor(random() * groups.length)];
    const places = group as readonly number[];
    for (let each = 0; each < places.length; each++) {
      const place = places[Math.floor(random() * places.length)] as number;
      counts[place] = (counts[place] ?? 0) + 1;
    }
    total += places.length;
  }
  const again = new Float64Array(total);
  let at = 0;
  for (const [place, count] of counts.entries()) {
    again.fill(sorted[place] as number, at, at + count);
    at += count;
  }
  return again;
}

interface Bootstrap {
  /** How many values each round has, in their order: those of one process are more alike than those of two. */
  readonly rounds?: readonly number[] | undefined;
  readonly seed?: number;
}

/** Figures of values in ascending order, each with its percentile bootstrap interval of 95 % (Efron 1979). */
function estimates(
  values: readonly number[],
  figures: readonly ((sorted: ArrayLike<number>) => number)[],
  { rounds = [values.length], seed = 1 }: Bootstrap,
): Estimate[] {
  const all = grouped(values, rounds);
  const random = randomOf(seed);
  const drawn = Array.from({ length: RESAMPLES }, () => {
    const again = resample(all, random);
    return figures.map((figure) => figure(again));
  });
  return figures.map((figure, index) => {
    const spread = ascending(drawn.map((row) => row[index] as number));
    return { value: figure(all.sorted), low: quantile(spread, 0.025), high: quantile(spread, 0.975) };
  });
}

/**
 * Quantiles of measured values, each with its interval. Rounds are drawn first and then values of each (two-stage bootstrap):
 * the values of one round alone would say too little of the next one. The same values and seed give the same interval. Of one
 * value the interval is that value, of none everything is NaN.
 */
export const estimateQuantiles = (
  values: readonly number[],
  quantiles: readonly number[],
  options: Bootstrap = {},
): Estimate[] =>
  estimates(
    values,
    quantiles.map((p) => (sorted) => quantile(sorted, p)),
    options,
  );

/** Of no values it is NaN. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let each = 0; each < values.length; each++) sum += values[each] as number;
  return sum / values.length;
}

/** The mean with its interval, as `estimateQuantiles` has them. */
export const estimateMean = (values: readonly number[], options: Bootstrap = {}): Estimate =>
  estimates(values, [mean], options)[0] as Estimate;
