import { describe, expect, test } from "vitest";
import { imageClassification, textClassification } from "../../../../../build/smoke/checks/classification.ts";
import { refusal } from "../../../../support/refusal.ts";
import { context, RULES } from "./context.ts";

const SOFTMAX = { function_to_apply: "softmax" };
const labels = (...scores: number[]) => scores.map((score, i) => ({ label: `L${i}`, score }));

describe.each([
  { kind: textClassification, title: "of a text" },
  { kind: imageClassification, title: "of an image" },
])("classes $title", ({ kind }) => {
  test("pass when their probabilities sum to 1", () => {
    kind.check(labels(0.7, 0.2, 0.1), context("a", { parameters: SOFTMAX }));
    kind.check(labels(1), context("a", { parameters: SOFTMAX }));
  });

  test("pass with less when only the best are asked for, with any scores when no function is", () => {
    kind.check(labels(0.7), context("a", { parameters: { ...SOFTMAX, top_k: 1 } }));
    kind.check(labels(0.9, 0.8), context("a", { parameters: { function_to_apply: "sigmoid" } }));
    kind.check(labels(4.2, -1), context("a", { parameters: { function_to_apply: "none" } }));
    kind.check(labels(4.2), context("a"));
  });

  test.each([
    { body: "[]", says: "Expected a list of labels with scores" },
    { body: '[{"label":"","score":1}]', says: "Expected a list of labels with scores" },
    { body: '[{"label":"a","score":null}]', says: "Expected a list of labels with scores" },
    { body: '[{"label":"a","score":1e999}]', says: "Expected a list of labels with scores" },
    {
      body: JSON.stringify(labels(0.2, 0.8)),
      says: "The labels are not in the order of their scores",
    },
    { body: JSON.stringify(labels(1.5, -0.5)), says: "A score is 1.5, not from 0 to 1" },
    { body: JSON.stringify(labels(0.5, 0.25)), says: "The scores sum to 0.75, not 1" },
  ])("$body is refused: $says", async ({ body, says }) => {
    const error = await refusal(() => kind.check(JSON.parse(body), context("a", { parameters: SOFTMAX })));
    expect(error.exitCode).toBe(1);
    expect(error.message).toBe(says);
  });

  test("are refused when there are more than were asked for", async () => {
    const asked = context("a", { parameters: { top_k: 1 } });
    const error = await refusal(() => kind.check(labels(0.7, 0.3), asked));
    expect(error.message).toBe("There are 2 labels, and 1 were asked for");
  });
});

describe("an image's expected scores", () => {
  const compare = (expected: unknown) =>
    imageClassification.compare?.(labels(0.7, 0.2, 0.1), expected, RULES);

  test("may be the first few; the largest difference is returned", () => {
    expect(compare([0.7005, 0.2])).toBeCloseTo(0.0005, 10);
  });

  test("may be the reply as it is", async () => {
    expect(compare(labels(0.7, 0.2, 0.1))).toBe(0);
    const error = await refusal(() => compare(labels(0.7, 0.2, 0.1).reverse()));
    expect(error.message).toContain('answer[0].label is "L0", expected "L2"; ');
  });

  test("that are too far away, or too many, are refused with both", async () => {
    const far = await refusal(() => compare([0.6]));
    expect(far.message).toBe("A score is 0.100 away from the expected one, 0.001 is allowed");
    const few = await refusal(() => compare([0.7, 0.2, 0.1, 0]));
    expect(few.message).toBe("There are 3 labels, expected 4");
  });
});

describe("of a quantized classifier of texts", () => {
  const promised = (reply: unknown, expected: unknown) =>
    textClassification.compareQuantized?.(reply, expected, RULES);

  test("a winner that leads by more than twice the gate's shift has to win", async () => {
    expect(promised([labels(0.6, 0.4)], [labels(0.9, 0.1)])).toBe(0);
    const other = [{ label: "L1", score: 0.6 }];
    const error = await refusal(() => promised([other], [labels(0.9, 0.1)]));
    expect(error.message).toBe('The best label is "L1", expected "L0"');
  });

  test("nothing is compared where the gate promises nothing: a narrow win, and scores that are no shares", () => {
    const other = [{ label: "L1", score: 0.6 }];
    expect(promised([other], [labels(0.65, 0.35)])).toBe(0);
    expect(promised([other], [labels(0.9, 0.3)])).toBe(0);
  });
});
