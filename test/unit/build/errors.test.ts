import { expect, test } from "vitest";
import { UserError } from "../../../build/errors.ts";

test.each([
  [undefined, 2],
  ["usage" as const, 2],
  ["check" as const, 1],
  ["environment" as const, 3],
  ["interrupted" as const, 130],
])("reason %s ends the command with exit code %i", (reason, code) => {
  expect(new UserError("no", reason ? { reason } : {}).exitCode).toBe(code);
});

test("keeps message, hint and cause apart", () => {
  const cause = new Error("below");
  const error = new UserError("what", { hint: "do this", cause });
  expect(error).toMatchObject({ name: "UserError", message: "what", hint: "do this", cause });
  expect(error).toBeInstanceOf(Error);
});
