import { expect, test } from "vitest";
import { nearest } from "../../../../runtime/request/nearest.ts";

const CHOICES = ["normalize", "truncate", "truncation_direction", "max_tokens"];

test.each([
  { name: "normalise", meant: "normalize" },
  { name: "Truncate", meant: "truncate" },
  { name: "max_token", meant: "max_tokens" },
  { name: "maxTokens", meant: "max_tokens" },
  { name: "temperature", meant: undefined },
  { name: "", meant: undefined },
  { name: "x".repeat(1_000_000), meant: undefined },
])("$name", ({ name, meant }) => {
  expect(nearest(name, CHOICES)).toBe(meant);
});

test("nothing to choose from", () => {
  expect(nearest("a", [])).toBeUndefined();
});
