import { expect, test } from "vitest";
import { readObjects, readTexts, readTextsOrPairs } from "../../../../runtime/request/inputs.ts";

test("one text alone, or a list", () => {
  expect(readTexts("a")).toMatchObject({ items: ["a"], single: true });
  expect(readTexts(["a"])).toMatchObject({ items: ["a"], single: false });
  expect(readTexts("a").fieldOf(0)).toBe("inputs");
  expect(readTexts(["a", "b"]).fieldOf(1)).toBe("inputs[1]");
});

test.each([
  { inputs: [], field: "inputs" },
  { inputs: 5, field: "inputs" },
  { inputs: { text: "a" }, field: "inputs" },
  { inputs: true, field: "inputs" },
  { inputs: ["a", 5], field: "inputs[1]" },
  { inputs: [["a"]], field: "inputs[0]" },
  { inputs: ["a", "b", null], field: "inputs[2]" },
])("$inputs is refused for $field", ({ inputs, field }) => {
  expect(() => readTexts(inputs)).toThrow(expect.objectContaining({ name: "BadRequest", field }));
});

test("a pair is an object, also in a list; a list of two texts is two texts", () => {
  const pair = { text: "a", text_pair: "b" };
  expect(readTextsOrPairs(pair)).toMatchObject({ items: [["a", "b"]], single: true });
  expect(readTextsOrPairs([pair, "c", { text: "d" }])).toMatchObject({
    items: [["a", "b"], "c", "d"],
    single: false,
  });
  expect(readTextsOrPairs(["a", "b"])).toMatchObject({ items: ["a", "b"] });
});

test.each([
  { inputs: [["a", "b"]], field: "inputs[0]" },
  { inputs: 5, field: "inputs" },
  { inputs: { text_pair: "b" }, field: "inputs.text" },
  { inputs: { text: 1 }, field: "inputs.text" },
  { inputs: [{ text: "a", text_pair: ["b"] }], field: "inputs[0].text_pair" },
  { inputs: { text: "a", pair: "b" }, field: "inputs.pair" },
])("as pairs $inputs is refused for $field", ({ inputs, field }) => {
  expect(() => readTextsOrPairs(inputs)).toThrow(expect.objectContaining({ name: "BadRequest", field }));
});

const FIELDS = { question: "text", contexts: "texts" } as const;

test("objects, one or a list of them", () => {
  const item = { question: "a", contexts: ["b"] };
  expect(readObjects(item, FIELDS)).toMatchObject({ items: [item], single: true });
  expect(readObjects([item], FIELDS)).toMatchObject({ items: [item], single: false });
});

test.each([
  { inputs: "a", field: "inputs" },
  { inputs: [], field: "inputs" },
  { inputs: [[]], field: "inputs[0]" },
  { inputs: { question: "a" }, field: "inputs.contexts" },
  { inputs: { question: 1, contexts: ["b"] }, field: "inputs.question" },
  { inputs: { question: "a", contexts: "b" }, field: "inputs.contexts" },
  { inputs: { question: "a", contexts: [] }, field: "inputs.contexts" },
  { inputs: { question: "a", contexts: ["b", 1] }, field: "inputs.contexts[1]" },
  { inputs: [{ question: "a", contexts: ["b"], answer: 1 }], field: "inputs[0].answer" },
])("$inputs is refused for $field", ({ inputs, field }) => {
  expect(() => readObjects(inputs, FIELDS)).toThrow(expect.objectContaining({ name: "BadRequest", field }));
});
