import { expect, test } from "vitest";
import { prompted, promptOf } from "../../../../runtime/inference/prompt.ts";

const MANIFEST = { prompts: { query: "query: ", passage: "passage: " }, defaultPromptName: "passage" };
const field = "parameters.prompt_name";

test("a prompt is that of the request's name, else the model's default, else none", () => {
  expect(promptOf(MANIFEST, { name: "query", field })).toBe("query: ");
  expect(promptOf(MANIFEST, { name: undefined, field })).toBe("passage: ");
  expect(promptOf({ prompts: MANIFEST.prompts }, { name: undefined, field })).toBe("");
});

test("every model takes the names query and document, as in sentence-transformers", () => {
  expect(promptOf({}, { name: "query", field })).toBe("");
  expect(promptOf(MANIFEST, { name: "document", field })).toBe("");
});

test.each(["nope", "toString", "__proto__"])("a prompt that the model lacks is refused: %s", (name) => {
  expect(() => promptOf(MANIFEST, { name, field })).toThrow(
    "parameters.prompt_name: this model has the prompts query, document, passage",
  );
});

test("the prompt stands right before the text", () => {
  expect(prompted("Text", "Q: ", {})).toBe("Q: Text");
  expect(prompted("Text", "Q: ", { lowercase: true })).toBe("q: text");
});
