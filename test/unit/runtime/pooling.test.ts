import { expect, test } from "vitest";
import { normalized, pool } from "../../../runtime/pooling.ts";

/** Two texts of at most three tokens, two dimensions; the second text has one token and two of padding. */
const OUTPUT = { data: Float32Array.of(1, 2, 3, 4, 5, 9, 7, 8, 100, 100, 100, 100), dims: [2, 3, 2] };

test("mean counts a text's own tokens and no padding", () => {
  expect(pool(OUTPUT, [3, 1], "mean")).toEqual([
    [3, 5],
    [7, 8],
  ]);
  expect(pool(OUTPUT, [2, 1], "mean")).toEqual([
    [2, 3],
    [7, 8],
  ]);
});

test("cls is the first token", () => {
  expect(pool(OUTPUT, [3, 1], "cls")).toEqual([
    [1, 2],
    [7, 8],
  ]);
});

test("what is pooled already is taken as it is", () => {
  const output = { data: Float32Array.of(1, 2, 3, 4), dims: [2, 2] };
  expect(pool(output, [3, 1], "mean")).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test("the mean is as exact as float64", () => {
  const data = new Float32Array(512 * 2).fill(0.1);
  const [vector = []] = pool({ data, dims: [1, 512, 2] }, [512], "mean");
  expect(Math.abs((vector[0] ?? 0) - Math.fround(0.1))).toBeLessThan(1e-12);
});

test("normalized has length 1, to eight decimals", () => {
  expect(normalized([3, 4])).toEqual([0.6, 0.8]);
  expect(normalized([1, 1, 1])).toEqual([0.57735027, 0.57735027, 0.57735027]);
  expect(Math.hypot(...normalized(Array.from({ length: 384 }, (_, i) => Math.sin(i))))).toBeCloseTo(1, 6);
});

test("a zero vector stays zero", () => {
  expect(normalized([0, 0])).toEqual([0, 0]);
});
