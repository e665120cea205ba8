import { expect, test } from "vitest";
import { boolean, oneOf, positiveInteger, readParameters } from "../../../runtime/parameters.ts";

const KNOWN = { normalize: boolean, max_tokens: positiveInteger, side: oneOf(["left", "right"]) };
const read = (parameters: Record<string, unknown>) =>
  readParameters({ parameters, pathOf: (name) => name }, KNOWN);

test("what is known and right comes through; null counts as not given", () => {
  expect(read({ normalize: false, max_tokens: 3, side: "left" })).toEqual({
    normalize: false,
    max_tokens: 3,
    side: "left",
  });
  expect(read({ normalize: null })).toEqual({});
});

test.each([
  { parameters: { normalise: true }, error: "normalise: unknown; did you mean normalize?" },
  {
    parameters: { temperature: 1 },
    error: "temperature: unknown; this task takes normalize, max_tokens, side",
  },
  { parameters: { toString: 1 }, error: "toString: unknown; this task takes normalize, max_tokens, side" },
  {
    parameters: JSON.parse('{"__proto__": 1}'),
    error: "__proto__: unknown; this task takes normalize, max_tokens, side",
  },
  { parameters: { normalize: "yes" }, error: "normalize: expected true or false" },
  { parameters: { max_tokens: 0 }, error: "max_tokens: expected a positive integer" },
  { parameters: { max_tokens: 1.5 }, error: "max_tokens: expected a positive integer" },
  { parameters: { max_tokens: "3" }, error: "max_tokens: expected a positive integer" },
  { parameters: { side: "up" }, error: 'side: expected "left" or "right"' },
])("$error", ({ parameters, error }) => {
  expect(() => read(parameters)).toThrow(error);
});
