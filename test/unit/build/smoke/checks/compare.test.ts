import { expect, test } from "vitest";
import { compareReply } from "../../../../../build/smoke/checks/compare.ts";
import { refusal } from "../../../../support/refusal.ts";

const REPLY = [{ label: "joy", score: 0.7, at: [3, 5] }];

test("the largest difference of two numbers is returned, 0 where there is none", () => {
  expect(compareReply(REPLY, [{ label: "joy", score: 0.7004, at: [3, 5] }], 1e-3)).toBeCloseTo(0.0004, 10);
  expect(compareReply(null, null, 1e-3)).toBe(0);
});

test.each([
  {
    expected: [{ label: "joy", score: 0.6, at: [3, 5] }],
    says: "answer[0].score is 0.7, expected 0.6: 0.100 away, 0.001 is allowed",
  },
  {
    expected: [{ label: "joy", score: 0.6, at: [3, 9] }],
    says: "answer[0].at[1] is 5, expected 9: 4.00 away, 0.001 is allowed",
  },
  {
    expected: [{ label: "fear", score: 0.7, at: [3, 5] }],
    says: 'answer[0].label is "joy", expected "fear"',
  },
  { expected: [{ label: "joy", score: "0.7", at: [3, 5] }], says: 'answer[0].score is 0.7, expected "0.7"' },
  { expected: [{ label: "joy", score: 0.7 }], says: "answer[0].at is [3,5], expected missing" },
  { expected: [{ ...REPLY[0], word: "x" }], says: 'answer[0].word is missing, expected "x"' },
  { expected: [{ ...REPLY[0], at: [3] }], says: "answer[0].at has 2 items, expected 1" },
  {
    expected: { label: "joy" },
    says: 'answer is [{"label":"joy","score":0.7,"at":[3,5]}], expected {"label":"joy"}',
  },
  { expected: null, says: 'answer is [{"label":"joy","score":0.7,"at":[3,5]}], expected null' },
])("$says", async ({ expected, says }) => {
  const error = await refusal(() => compareReply(REPLY, expected, 1e-3));
  expect(error.exitCode).toBe(1);
  expect(error.message.split("; ")[0]).toBe(says);
});

test("of many differences the error lists the worst ones and counts the others", async () => {
  const error = await refusal(() => compareReply([0, 1, 2, 3, 4, 5, "a"], [0, 2, 4, 6, 8, 10, "b"], 0.5));
  expect(error.message).toBe(
    [
      'answer[6] is "a", expected "b"',
      "answer[5] is 5, expected 10: 5.00 away, 0.5 is allowed",
      "answer[4] is 4, expected 8: 4.00 away, 0.5 is allowed",
      "answer[3] is 3, expected 6: 3.00 away, 0.5 is allowed",
      "answer[2] is 2, expected 4: 2.00 away, 0.5 is allowed",
      "and 1 more place",
    ].join("; "),
  );
});
