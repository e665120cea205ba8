import { expect, test } from "vitest";
import { toleranceOf } from "../../../../build/smoke/tolerance.ts";
import { refusal } from "../../../support/refusal.ts";

const BY_NAME = { default: 0.001, arm64: 0.002, int8: 0.05 };

test.each([
  { tolerance: 0.01, arch: "arm64", quantization: "int8", gives: { tolerance: 0.01, own: false } },
  { tolerance: BY_NAME, arch: "amd64", quantization: "fp32", gives: { tolerance: 0.001, own: false } },
  { tolerance: BY_NAME, arch: "arm64", quantization: "fp32", gives: { tolerance: 0.002, own: false } },
  { tolerance: BY_NAME, arch: "arm64", quantization: "int8", gives: { tolerance: 0.05, own: true } },
  { tolerance: { int8: 0.1 }, arch: "amd64", quantization: "fp32", gives: { tolerance: 1e-3, own: false } },
] as const)("$tolerance for $quantization on $arch", ({ tolerance, gives, ...variant }) => {
  expect(toleranceOf({ tolerance }, variant)).toEqual(gives);
});

test("a name that is none is refused with the nearest one", async () => {
  const error = await refusal(() =>
    toleranceOf({ tolerance: { amr64: 1 } }, { arch: "arm64", quantization: "fp32" }),
  );
  expect(error.message).toBe('Unknown architecture or quantization in `tolerance` "amr64"');
  expect(error.hint).toContain('Did you mean "arm64"?');
});
