import { expect, test } from "vitest";
import { stopAt } from "../../../../runtime/generation/stop.ts";

test.each([
  { text: "abc", stop: [], whole: "abc", held: 0, stopped: false },
  { text: "abc", stop: ["x"], whole: "abc", held: 0, stopped: false },
  { text: "abc", stop: ["bc", "c"], whole: "a", held: 0, stopped: true },
  { text: "abc\n", stop: ["\n\nUser"], whole: "abc\n", held: 1, stopped: false },
  { text: "caf\ufffd", stop: [], whole: "caf\ufffd", held: 1, stopped: false },
])("$text until $stop", ({ text, stop, ...wanted }) => {
  expect(stopAt(text, stop)).toEqual(wanted);
});
