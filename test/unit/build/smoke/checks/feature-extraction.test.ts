import { expect, test } from "vitest";
import { compareVector, featureExtraction } from "../../../../../build/smoke/checks/feature-extraction.ts";
import { refusal } from "../../../../support/refusal.ts";
import { context } from "./context.ts";

test.each([
  { what: "of length 1", body: "[0.6,0.8]", normalize: true },
  { what: "of any length, where that does not matter", body: "[3,4]", normalize: false },
])("a vector $what passes", ({ body, normalize }) => {
  featureExtraction.check(JSON.parse(body), context("a", { limits: { normalize } }));
});

test.each([
  { body: '{"error":"Error"}', says: "Expected a list of numbers" },
  { body: "[]", says: "Expected a list of numbers" },
  { body: "[[0.6,0.8]]", says: "Expected a list of numbers" },
  { body: '[0.6,"0.8"]', says: "Expected a list of numbers" },
  { body: "[null,1]", says: "Expected a list of numbers" },
  { body: "[1e999,0]", says: "The vector has numbers that are not finite" },
  { body: "[3,4]", says: "The vector's length is 5, not 1" },
  { body: "[0,0]", says: "The vector's length is 0, not 1" },
])("$body is refused: $says", async ({ body, says }) => {
  const error = await refusal(() => featureExtraction.check(JSON.parse(body), context("a")));
  expect(error.exitCode).toBe(1);
  expect(error.message).toBe(says);
});

test("a request that asks for no length of 1 gets none", () => {
  featureExtraction.check([3, 4], context("a", { parameters: { normalize: false } }));
});

test("the largest difference from the expected vector is returned", () => {
  expect(compareVector([0.6, 0.8], [0.6005, 0.8], { tolerance: 1e-3 })).toBeCloseTo(0.0005, 10);
});

test("a vector of another size than expected is refused with both sizes", async () => {
  const error = await refusal(() => compareVector([0.6, 0.8], [1, 0, 0], { tolerance: 1e-3 }));
  expect(error.message).toBe("The vector has 2 numbers, expected 3");
});

test("a vector that is too far from the expected one is refused, and says by how much", async () => {
  const error = await refusal(() => compareVector([0.6, 0.8], [0.8, 0.6], { tolerance: 1e-3 }));
  expect(error.exitCode).toBe(1);
  expect(error.message).toBe("The vector is 0.200 away from the expected one, 0.001 is allowed");
});

test("where a cosine is enough, numbers may be far from the expected ones", () => {
  const away = compareVector([0.995, 0.0998749], [1, 0], { tolerance: 0.001, cosine: 0.99 });
  expect(away).toBeCloseTo(0.0999, 3);
});

test("a cosine below the one that is asked is refused with both", async () => {
  const error = await refusal(() => compareVector([0.6, 0.8], [1, 0], { tolerance: 0.001, cosine: 0.9 }));
  expect(error.exitCode).toBe(1);
  expect(error.message).toContain("cosine with the expected one is 0.6000, 0.9 is asked");
});
