import { expect, test } from "vitest";
import { randomNumbers } from "../../../../runtime/generation/random.ts";

const draw = (count: number, seed?: number) => Array.from({ length: count }, randomNumbers(seed));

test("a seed gives the same numbers, another seed others", () => {
  expect(draw(5, 7)).toEqual(draw(5, 7));
  expect(draw(5, 8)).not.toEqual(draw(5, 7));
});

test("without a seed no two requests have the same", () => {
  const firsts = Array.from({ length: 50 }, () => draw(1)[0]);
  expect(new Set(firsts).size).toBe(50);
});

test("they are spread evenly from 0 to 1", () => {
  const numbers = draw(20_000);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(numbers.reduce((sum, number) => sum + number, 0) / numbers.length).toBeCloseTo(0.5, 1);
});
