import { expect, test } from "vitest";
import { checkClasses } from "../../../build/classes.ts";
import { refusal } from "./refusal.ts";

const RULES = { tolerance: 1e-3 };
const reply = (...scores: number[]) => JSON.stringify(scores.map((score, i) => ({ label: `L${i}`, score })));

test("labels whose scores sum to 1 pass, and without expectation nothing differs", () => {
  expect(checkClasses(reply(0.7, 0.2, 0.1), RULES)).toBe(0);
  expect(checkClasses(reply(1), RULES)).toBe(0);
});

test("the largest difference from the expected scores is returned; the first few are enough", () => {
  const expected = [0.7005, 0.2];
  expect(checkClasses(reply(0.7, 0.2, 0.1), { ...RULES, expected })).toBeCloseTo(0.0005, 10);
});

test.each([
  { body: "Task timed out after 3.00 seconds", says: "The answer is not JSON" },
  { body: '{"errorType":"Error"}', says: "Expected a list of labels with scores" },
  { body: "[]", says: "Expected a list of labels with scores" },
  { body: '[{"label":"","score":1}]', says: "Expected a list of labels with scores" },
  { body: '[{"label":"a","score":null}]', says: "Expected a list of labels with scores" },
  { body: '[{"label":"a","score":1e999}]', says: "Expected a list of labels with scores" },
  { body: reply(0.2, 0.8), says: "The labels are not in the order of their scores" },
  { body: reply(0.7, 0.2), says: "The scores sum to 0.8999999999999999, not 1" },
])("$body is refused: $says", async ({ body, says }) => {
  const error = await refusal(() => checkClasses(body, RULES));
  expect(error.exitCode).toBe(1);
  expect(error.message).toBe(`${says}; the answer begins: ${body}`);
});

test("scores that are too far from the expected ones, or too few, are refused with both", async () => {
  const body = reply(0.7, 0.3);
  const far = await refusal(() => checkClasses(body, { ...RULES, expected: [0.6] }));
  expect(far.message).toContain("A score is 0.100 away from the expected one, 0.001 is allowed");
  const few = await refusal(() => checkClasses(body, { ...RULES, expected: [0.7, 0.3, 0] }));
  expect(few.message).toContain("There are 2 labels, expected 3");
});
