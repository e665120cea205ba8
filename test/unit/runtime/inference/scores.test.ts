import { expect, test } from "vitest";
import { argmax, best, sigmoid, softmax } from "../../../../runtime/inference/scores.ts";

test("softmax sums to 1 and survives large numbers", () => {
  expect([...softmax([1, 1])]).toEqual([0.5, 0.5]);
  expect([...softmax([1000, 0])]).toEqual([1, 0]);
  expect([...softmax([3, Number.NEGATIVE_INFINITY])]).toEqual([1, 0]);
});

test("sigmoid judges each for itself", () => {
  expect([...sigmoid([0, 1000, -1000])]).toEqual([0.5, 1, 0]);
});

test("the best come first, equal ones in their order", () => {
  expect(best([1, 3, 2, 3])).toEqual([1, 3, 2, 0]);
  expect(best([1, 3, 2], 2)).toEqual([1, 2]);
  expect(best([1], 5)).toEqual([0]);
  expect(argmax([1, 3, 3])).toBe(1);
});
