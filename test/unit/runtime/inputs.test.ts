import { expect, test } from "vitest";
import { readTexts } from "../../../runtime/inputs.ts";

test("one text alone, or a list", () => {
  expect(readTexts("a")).toMatchObject({ texts: ["a"], single: true });
  expect(readTexts(["a"])).toMatchObject({ texts: ["a"], single: false });
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
