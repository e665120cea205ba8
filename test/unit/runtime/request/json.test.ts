import { expect, test } from "vitest";
import { parseJson } from "../../../../runtime/request/json.ts";

const nested = (levels: number, [open, close]: readonly [string, string] = ["[", "]"]) =>
  open.repeat(levels) + close.repeat(levels);

test("a value as JSON has it", () => {
  const value = { "a\\": ["]", '"', 1], b: { c: "[".repeat(600) } };
  expect(parseJson(JSON.stringify(value), "event")).toEqual(value);
  expect(parseJson(nested(500), "event")).toHaveLength(1);
  expect(parseJson(`[${Array(1000).fill("[]").join()}]`, "event")).toHaveLength(1000);
});

test.each([
  nested(501),
  nested(200_000),
  nested(200_000, ['{"a":', "}"]),
  `{"inputs":"a","b":${nested(200_000)}}`,
  `["\\\\",${nested(1000)}]`,
  "[".repeat(200_000),
])("what is nested too deep is the caller's mistake", (text) => {
  expect(() => parseJson(text, "event")).toThrow("event: nested deeper than 500 levels");
});

test.each(["", "{", '"', `"${"\\".repeat(1001)}"`, `"${"a".repeat(1000)}`])("what is no JSON: %#", (text) => {
  expect(() => parseJson(text, "body")).toThrow(/^body: not JSON \(/);
});
