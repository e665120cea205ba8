import { expect, test } from "vitest";
import { estimateMean, estimateQuantiles } from "../../../../build/bench/statistics.ts";

const values = (...all: number[]) => estimateQuantiles(all, [0.5, 0.95]).map(({ value }) => value);

test("quantiles are those of NumPy's default, in whatever order the values came", () => {
  // numpy.quantile([4, 1, 3, 2], [.5, .95]) → [2.5, 3.85]
  expect(values(4, 1, 3, 2)).toEqual([2.5, expect.closeTo(3.85, 9)]);
  expect(values(10, 20)).toEqual([15, 19.5]);
});

test("of one value the interval is that value; of none there is none", () => {
  expect(estimateQuantiles([7], [0.5])).toEqual([{ value: 7, low: 7, high: 7 }]);
  expect(estimateQuantiles([], [0.5])).toEqual([{ value: Number.NaN, low: Number.NaN, high: Number.NaN }]);
});

test("the same values and seed give the same interval, another seed another one", () => {
  const measured = Array.from({ length: 50 }, (_, i) => (i * 7919) % 101);
  expect(estimateQuantiles(measured, [0.5, 0.95], { seed: 3 })).toEqual(
    estimateQuantiles(measured, [0.5, 0.95], { seed: 3 }),
  );
  expect(estimateQuantiles(measured, [0.5], { seed: 3 })).not.toEqual(
    estimateQuantiles(measured, [0.5], { seed: 4 }),
  );
});

/** Numbers from 0 up to 1, the same ones each time. */
function randomNumbers(): () => number {
  let state = 12345;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test("nine of ten intervals or more hold the true median and mean of what was drawn", () => {
  const random = randomNumbers();
  let medians = 0;
  let means = 0;
  for (let round = 0; round < 200; round++) {
    // Exponential: skewed, as times are. Its median is ln 2, its mean 1.
    const drawn = Array.from({ length: 60 }, () => -Math.log(1 - random()));
    const [median] = estimateQuantiles(drawn, [0.5], { seed: round });
    if (median && median.low <= Math.LN2 && Math.LN2 <= median.high) medians++;
    const mean = estimateMean(drawn);
    if (mean.low <= 1 && 1 <= mean.high) means++;
  }
  expect(medians).toBeGreaterThanOrEqual(180);
  expect(means).toBeGreaterThanOrEqual(180);
  expect(medians).toBeLessThan(200);
});

test("more values make the interval narrower", () => {
  const drawn = (count: number) => Array.from({ length: count }, (_, i) => (i * 7919) % 1009);
  const width = (count: number) => {
    const [p50] = estimateQuantiles(drawn(count), [0.5]);
    return (p50?.high ?? 0) - (p50?.low ?? 0);
  };
  expect(width(800)).toBeLessThan(width(50) / 2);
});

test("rounds that differ: nine of ten intervals or more hold the median and mean of all rounds", () => {
  const random = randomNumbers();
  let [medians, means, alike] = [0, 0, 0];
  for (let seed = 0; seed < 100; seed++) {
    // Each process is up to a tenth slower or faster, and its calls differ by a hundredth.
    const drawn = Array.from({ length: 12 }, () => 10 + 2 * random() - 1).flatMap((middle) =>
      Array.from({ length: 30 }, () => middle + 0.2 * random() - 0.1),
    );
    const rounds = Array<number>(12).fill(30);
    const holds = ({ low, high }: { low: number; high: number }) => low <= 10 && 10 <= high;
    if (estimateQuantiles(drawn, [0.5], { rounds, seed }).every(holds)) medians++;
    if (holds(estimateMean(drawn, { rounds, seed }))) means++;
    if (estimateQuantiles(drawn, [0.5], { seed }).every(holds)) alike++;
  }
  expect(medians).toBeGreaterThanOrEqual(88);
  expect(means).toBeGreaterThanOrEqual(88);
  // As if all were of one process.
  expect(alike).toBeLessThan(60);
});
