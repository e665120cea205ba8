import { expect, test } from "vitest";
import { shortConsole } from "../../../../build/smoke/console-output.ts";

test("what a function writes is shown, each line in short, until it is too much", () => {
  const shown: string[] = [];
  const log = shortConsole((line) => shown.push(line));
  log("a line");
  log("x".repeat(5000));
  expect(shown).toEqual(["a line", `${"x".repeat(2000)}… (5000 characters)`]);
  for (let each = 0; each < 1000; each++) log("y".repeat(1000));
  expect(shown.at(-1)).toContain("… what it writes from here on is not shown");
  expect(shown.join("\n").length).toBeLessThan(15_000);
});
