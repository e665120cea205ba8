import { expect, test } from "vitest";
import { expressionsIn, verdictOf } from "../regular-expressions.ts";

test("every literal is found with its place, and nothing that only looks like one", () => {
  const text = 'const a = /x+/g;\nconst b = "/y/" + 4 / 2 / 1; // /z/\nf(/[/]/.test(b));\n';
  expect(expressionsIn("a.ts", text)).toEqual([
    { source: "x+", flags: "g", line: 1 },
    { source: "[/]", flags: "", line: 3 },
  ]);
});

test.each(["new RegExp(a)", 'RegExp("a+")'])("%s cannot be judged, and is refused with its place", (made) => {
  expect(() => expressionsIn("a.ts", `\n\nconst a = ${made};`)).toThrow(
    "a.ts:3: write the regular expression",
  );
});

test.each([
  { source: "^(a+)+$", verdict: /^exponential, for example with 'a'/ },
  { source: "\\/+$", verdict: /^polynomial, for example with '\/'/ },
  { source: "^\\/+$", verdict: /^safe$/ },
])("$source is $verdict", async ({ source, verdict }) => {
  expect(await verdictOf({ source, flags: "", line: 1 })).toMatch(verdict);
});
