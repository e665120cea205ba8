import { expect, test } from "vitest";
import { toFailure } from "../../../../runtime/api/failure.ts";
import { BadRequest } from "../../../../runtime/errors.ts";

test("an error gives its name, message and stack frames", () => {
  const failure = toFailure(new TypeError("no such thing"));
  expect(failure).toMatchObject({ errorType: "TypeError", errorMessage: "no such thing" });
  expect(failure.stackTrace.length).toBeGreaterThan(0);
  expect(failure.stackTrace.every((frame) => frame.startsWith("at "))).toBe(true);
});

test("a caller's mistake has no stack", () => {
  expect(toFailure(new BadRequest("inputs", "missing"))).toEqual({
    errorType: "BadRequest",
    errorMessage: "inputs: missing",
    stackTrace: [],
  });
});

test("what is no error is told as text", () => {
  expect(toFailure("oh")).toEqual({ errorType: "Error", errorMessage: "oh", stackTrace: [] });
});

test("a name that no header could carry is replaced", () => {
  const error = Object.assign(new Error("x"), { name: "Bad\r\nName" });
  expect(toFailure(error).errorType).toBe("Error");
});
