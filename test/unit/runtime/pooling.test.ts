import { expect, test } from "vitest";
import { normalized, pool } from "../../../runtime/pooling.ts";

const row = (data: number[], dims: number[]) => ({ data: Float32Array.from(data), dims });

test("mean is over the text's tokens, cls is the first token", () => {
  const vectors = row([1, 2, 3, 4, 5, 9], [3, 2]);
  expect([...pool(vectors, "mean")]).toEqual([3, 5]);
  expect([...pool(vectors, "cls")]).toEqual([1, 2]);
});

test("what is pooled already is taken as it is", () => {
  expect([...pool(row([1, 2], [2]), "mean")]).toEqual([1, 2]);
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
