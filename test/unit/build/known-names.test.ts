import { expect, test } from "vitest";
import { oneOf, unknownName } from "../../../build/known-names.ts";
import { refusal } from "../../support/refusal.ts";

const KNOWN = ["amazonlinux", "debian", "ubuntu", "alpine"];

test("where no name is known, the error says so", () => {
  expect(unknownName("model", "x", []).hint).toBe("None is known.");
});

test("a known name is returned as it is", () => {
  expect(oneOf("operating system", "debian", KNOWN)).toBe("debian");
});

test("an unknown name is refused with the nearest one and the whole list", async () => {
  const error = await refusal(() => oneOf("operating system", "debain", KNOWN));
  expect(error.exitCode).toBe(2);
  expect(error.message).toBe('Unknown operating system "debain"');
  expect(error.hint).toBe('Did you mean "debian"? Known: amazonlinux, debian, ubuntu, alpine.');
});

test("names of an object's prototype are unknown names", async () => {
  expect((await refusal(() => oneOf("model", "constructor", KNOWN))).message).toBe(
    'Unknown model "constructor"',
  );
});
