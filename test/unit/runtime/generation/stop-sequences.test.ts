import { expect, test } from "vitest";
import { stopBeginning, stopIn } from "../../../../runtime/generation/stop-sequences.ts";

test.each([
  { text: "abc", stop: [], at: undefined, begun: 0 },
  { text: "abc", stop: ["x"], at: undefined, begun: 0 },
  { text: "abc", stop: ["bc", "c"], at: 1, begun: 0 },
  { text: "abc\n", stop: ["\n\nUser"], at: undefined, begun: 1 },
])("$text until $stop", ({ text, stop, at, begun }) => {
  expect(stopIn(text, stop)).toBe(at);
  expect(stopBeginning(text, stop)).toBe(begun);
});

test("a sequence costs no more than the text can have of it", () => {
  const started = performance.now();
  expect(stopBeginning("abx", ["x".repeat(5_000_000)])).toBe(1);
  expect(performance.now() - started).toBeLessThan(100);
});
