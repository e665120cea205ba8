import { expect, test } from "vitest";
import { dropEmptyVariables } from "../../../../build/command-line/environment.ts";

test("a variable without a value counts as unset, one with blanks or a zero does not", () => {
  const env = { HF_TOKEN: "", CI: "0", A: " ", B: "b" };
  dropEmptyVariables(env);
  expect(env).toEqual({ CI: "0", A: " ", B: "b" });
});
