import { expect, test } from "vitest";
import { nearest } from "../../../models/nearest.ts";

const KNOWN = ["amazonlinux", "debian", "ubuntu", "alpine"];
const PARAMETERS = ["normalize", "truncate", "truncation_direction", "max_tokens"];

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
});

test("two letters in the wrong order are one typing error", () => {
  expect(nearest("amr64", ["arm64", "amd64"])).toBe("arm64");
  expect(nearest("arm46", ["amd64", "arm64"])).toBe("arm64");
});

test.each([
  { name: "normalise", meant: "normalize" },
  { name: "Truncate", meant: "truncate" },
  { name: "max_token", meant: "max_tokens" },
  { name: "maxTokens", meant: "max_tokens" },
  { name: "temperature", meant: undefined },
  { name: "", meant: undefined },
  { name: "x".repeat(1_000_000), meant: undefined },
])("of parameters, $name", ({ name, meant }) => {
  expect(nearest(name, PARAMETERS)).toBe(meant);
});
