import { expect, test } from "vitest";
import { normalized, pool } from "../../../../runtime/inference/pooling.ts";

const row = (data: number[], dims: number[]) => ({ data: Float32Array.from(data), dims });

test("mean is over the text's tokens, cls is the first token", () => {
  const vectors = row([1, 2, 3, 4, 5, 9], [3, 2]);
  expect([...pool(vectors, "mean")]).toEqual([3, 5]);
  expect([...pool(vectors, "cls")]).toEqual([1, 2]);
});

/** What sentence-transformers 6.2 gives for the three tokens, of all and without the first one. */
const POOLED = {
  cls: [
    [1, -2],
    [7, 4],
  ],
  lasttoken: [
    [5, 9],
    [5, 9],
  ],
  max: [
    [7, 9],
    [7, 9],
  ],
  mean: [
    [4.333333, 3.666667],
    [6, 6.5],
  ],
  mean_sqrt_len_tokens: [
    [7.505553, 6.350853],
    [8.485281, 9.192388],
  ],
  weightedmean: [
    [5, 5.5],
    [5.8, 7],
  ],
} as const;

test.each(Object.entries(POOLED))("%s is what sentence-transformers makes of it", (way, expected) => {
  const vectors = row([1, -2, 7, 4, 5, 9], [3, 2]);
  for (const [skip, numbers] of expected.entries()) {
    const pooled = pool(vectors, way as keyof typeof POOLED, { skip });
    expect([...pooled].map((each) => Number(each.toFixed(6)))).toEqual(numbers);
  }
});

test("several ways give vectors that are joined in their order", () => {
  const vectors = row([1, -2, 7, 4, 5, 9], [3, 2]);
  expect([...pool(vectors, ["lasttoken", "cls"])]).toEqual([5, 9, 1, -2]);
  expect([...pool(vectors, ["max", "mean"], { skip: 3 })], "a text of nothing but its prompt").toEqual([
    0, 0, 0, 0,
  ]);
});

test("what is pooled already is taken as it is", () => {
  expect([...pool(row([1, 2], [2]), "mean")]).toEqual([1, 2]);
  expect([...pool(row([1, 2], [2]), ["cls", "max"], { skip: 1 })]).toEqual([1, 2]);
});

test("the mean is as exact as float64", () => {
  const [value = 0] = pool({ data: new Float32Array(512 * 2).fill(0.1), dims: [512, 2] }, "mean");
  expect(Math.abs(value - Math.fround(0.1))).toBeLessThan(1e-12);
});

test("normalized has length 1, to eight decimals", () => {
  expect(normalized(Float64Array.of(3, 4))).toEqual([0.6, 0.8]);
  expect(normalized(Float64Array.of(1, 1, 1))).toEqual([0.57735027, 0.57735027, 0.57735027]);
  expect(Math.hypot(...normalized(Float64Array.from({ length: 384 }, (_, i) => Math.sin(i))))).toBeCloseTo(
    1,
    6,
  );
});

test("a zero vector stays zero", () => {
  expect(normalized(Float64Array.of(0, 0))).toEqual([0, 0]);
});
