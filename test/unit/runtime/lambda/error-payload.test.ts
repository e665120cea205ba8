import { expect, test } from "vitest";
import { headerType, toFailure } from "../../../../runtime/lambda/error-payload.ts";
import { BadRequest } from "../../../../runtime/request/errors.ts";

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

test.each([
  { thrown: "oh", errorType: "string", errorMessage: "oh" },
  { thrown: null, errorType: "object", errorMessage: "null" },
  { thrown: undefined, errorType: "undefined", errorMessage: "undefined" },
  { thrown: { a: 1 }, errorType: "object", errorMessage: "[object Object]" },
  { thrown: Symbol("s"), errorType: "symbol", errorMessage: "Symbol(s)" },
])("what is no error is told as text: $errorMessage", ({ thrown, ...told }) => {
  expect(toFailure(thrown)).toEqual({ ...told, stackTrace: [] });
});

test("a value that cannot be converted to text is reported as such", () => {
  const trap = Object.defineProperty(new Error("x"), "message", {
    get() {
      throw new Error("caught");
    },
  });
  const untold = { errorType: "object", errorMessage: "it cannot be converted to text", stackTrace: [] };
  expect(toFailure(trap)).toEqual(untold);
  expect(toFailure(Object.create(null))).toEqual(untold);
});

test("an error always has a type and a stack, be it empty", () => {
  const odd = Object.assign(new Error("x"), { name: 5, stack: undefined });
  expect(toFailure(odd)).toEqual({ errorType: "Error", errorMessage: "x", stackTrace: [] });
});

test("a name that no header could carry is kept, and replaced in the header", () => {
  const failure = toFailure(Object.assign(new Error("x"), { name: "Bad\r\nName" }));
  expect(failure.errorType).toBe("Bad\r\nName");
  expect(headerType(failure)).toBe("Error");
  expect(headerType(toFailure(new TypeError("x")))).toBe("TypeError");
});

test("an error of any size is told in bounded text", () => {
  const long = "x".repeat(50_000_000);
  Error.stackTraceLimit = 100_000;
  const deep = (depth: number): Error => (depth === 0 ? new Error(long) : deep(depth - 1));
  const error = Object.assign(deep(2000), { name: long });
  Error.stackTraceLimit = 10;
  for (const thrown of [error, long]) expect(JSON.stringify(toFailure(thrown)).length).toBeLessThan(50_000);
  const { errorType, errorMessage, stackTrace } = toFailure(error);
  expect(errorMessage).toMatch(/^x{8192}… \(50000000 characters\)$/);
  expect(errorType).toMatch(/^x{256}…/);
  expect(stackTrace.length).toBeGreaterThan(100);
});
