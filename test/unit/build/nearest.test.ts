import { expect, test } from "vitest";
import { nearest, oneOf, unknownName } from "../../../build/nearest.ts";
import { refusal } from "../../support/refusal.ts";

const KNOWN = ["amazonlinux", "debian", "ubuntu", "alpine"];

test.each([
  ["alpin", "alpine"],
  ["Alpine", "alpine"],
  ["ubunut", "ubuntu"],
  ["deb", "debian"],
  ["amazon", "amazonlinux"],
  ["amazonlinux2", "amazonlinux"],
])("%s was meant to be %s", (wrong, meant) => {
  expect(nearest(wrong, KNOWN)).toBe(meant);
});

test.each(["windows", "fedora", "x86_64"])("%s is not near to any", (wrong) => {
  expect(nearest(wrong, KNOWN)).toBeUndefined();
});

test("of no names, none is nearest", () => {
  expect(nearest("alpine", [])).toBeUndefined();
  expect(unknownName("model", "x", []).hint).toBe("None is known.");
});

test("two letters in the wrong order are one typing error", () => {
  expect(nearest("amr64", ["arm64", "amd64"])).toBe("arm64");
  expect(nearest("arm46", ["amd64", "arm64"])).toBe("arm64");
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
