import { expect, test } from "vitest";
import { checkVector } from "../../../build/vector.ts";
import { refusal } from "./refusal.ts";

const RULES = { normalize: true, tolerance: 1e-3 };

test("a vector of length 1 passes, and without an expected one nothing differs", () => {
  expect(checkVector("[0.6,0.8]", RULES)).toBe(0);
});

test("the largest difference from the expected vector is returned", () => {
  expect(checkVector("[0.6,0.8]", { ...RULES, expected: [0.6005, 0.8] })).toBeCloseTo(0.0005, 10);
});

test("a vector whose length does not matter may have any", () => {
  expect(checkVector("[3,4]", { ...RULES, normalize: false })).toBe(0);
});

test.each([
  { body: "Task timed out after 3.00 seconds", says: "The answer is not JSON" },
  { body: '{"errorType":"Error"}', says: "Expected a list of numbers" },
  { body: "[]", says: "Expected a list of numbers" },
  { body: "[[0.6,0.8]]", says: "Expected a list of numbers" },
  { body: '[0.6,"0.8"]', says: "Expected a list of numbers" },
  { body: "[null,1]", says: "Expected a list of numbers" },
  { body: "[1e999,0]", says: "The vector has numbers that are not finite" },
  { body: "[3,4]", says: "The vector's length is 5, not 1" },
  { body: "[0,0]", says: "The vector's length is 0, not 1" },
])("$body is refused: $says", async ({ body, says }) => {
  const error = await refusal(() => checkVector(body, RULES));
  expect(error.exitCode).toBe(1);
  expect(error.message).toBe(`${says}; the answer begins: ${body}`);
});

test("a vector of another size than expected is refused with both sizes", async () => {
  const error = await refusal(() => checkVector("[0.6,0.8]", { ...RULES, expected: [1, 0, 0] }));
  expect(error.message).toContain("The vector has 2 numbers, expected 3");
});

test("a vector that is too far from the expected one is refused, and says by how much", async () => {
  const error = await refusal(() => checkVector("[0.6,0.8]", { ...RULES, expected: [0.8, 0.6] }));
  expect(error.exitCode).toBe(1);
  expect(error.message).toContain("The vector is 0.200 away from the expected one, 0.001 is allowed");
});

test("of a long answer the error quotes the beginning only", async () => {
  const error = await refusal(() => checkVector("x".repeat(10_000), RULES));
  expect(error.message.length).toBeLessThan(300);
});

test("where a cosine is enough, numbers may be far from the expected ones", () => {
  const rules = { normalize: true, tolerance: 0.001, expected: [1, 0] };
  expect(checkVector("[0.995,0.0998749]", { ...rules, cosine: 0.99 })).toBeCloseTo(0.0999, 3);
});

test("a cosine below the one that is asked is refused with both", async () => {
  const rules = { normalize: true, tolerance: 0.001, cosine: 0.9, expected: [1, 0] };
  const error = await refusal(() => checkVector("[0.6,0.8]", rules));
  expect(error.exitCode).toBe(1);
  expect(error.message).toContain("cosine with the expected one is 0.6000, 0.9 is asked");
});
