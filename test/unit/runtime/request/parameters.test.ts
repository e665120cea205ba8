import { expect, test } from "vitest";
import {
  boolean,
  either,
  oneOf,
  oneOfAnyCase,
  positiveInteger,
  readParameters,
  text,
  textsOrNone,
  unsupported,
} from "../../../../runtime/request/parameters.ts";

const KNOWN = {
  normalize: boolean,
  max_tokens: positiveInteger,
  side: oneOf(["left", "right"]),
  num_beams: unsupported("this runtime decodes greedily", 1),
};
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
  { parameters: { num_beams: 4 }, error: "num_beams: 4 is not supported: this runtime decodes greedily" },
  {
    parameters: { num_beams: "x".repeat(100) },
    error: /^num_beams: "x{39}… is not supported/,
  },
  { parameters: { numbeams: 4 }, error: "numbeams: unknown; this task takes normalize, max_tokens, side" },
  { parameters: { side: "up" }, error: 'side: expected "left" or "right"' },
])("$error", ({ parameters, error }) => {
  expect(() => read(parameters)).toThrow(error);
});

test("what is not supported is taken where it changes nothing", () => {
  expect(read({ num_beams: 1 })).toEqual({ num_beams: 1 });
  const known = { tools: unsupported("no", []) };
  const given = { parameters: { tools: [] }, pathOf: (name: string) => name };
  expect(readParameters(given, known)).toEqual({ tools: [] });
});

test("text-embeddings-inference writes Right, its clients right", () => {
  const { read: readSide } = oneOfAnyCase(["left", "right"]);
  expect(["Right", "LEFT", "left", "up", 1].map(readSide)).toEqual([
    "right",
    "left",
    "left",
    undefined,
    undefined,
  ]);
});

test("either of two kinds", () => {
  const { read: readStop, expected } = either(textsOrNone, text);
  expect([[], ["a"], "a", 1, [1]].map(readStop)).toEqual([[], ["a"], "a", undefined, undefined]);
  expect(expected).toBe("a list of texts, or a text");
});
