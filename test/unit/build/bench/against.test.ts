import { expect, test } from "vitest";
import { againstBaselines, type Compared } from "../../../../build/bench/against.ts";

const of = (
  name: string,
  rest: Partial<Compared> & { readonly baseline?: string; readonly function?: string } = {},
): Compared => {
  const { baseline, function: named = "embed", ...others } = rest;
  return {
    name,
    memoryMB: 1024,
    input: { tokens: 16, batch: 1 },
    warm: 10,
    cold: 500,
    ...others,
    cell: { function: named, arch: "amd64", baseline },
  };
};

test("the fastest cell of the same memory and input is compared with each baseline", () => {
  const found = againstBaselines([
    of("alpine-amd64 int8", { warm: 4, cold: 300 }),
    of("debian-amd64 fp32"),
    of("debian-amd64 fp32 with more memory", { memoryMB: 3008, warm: 1 }),
    of("debian-amd64 fp32 with more texts", { input: { tokens: 16, batch: 8 }, warm: 1 }),
    of("python amd64", { baseline: "python", warm: 10, cold: 1000 }),
    of("session amd64", { baseline: "session", warm: 2 }),
  ]);
  expect(found).toEqual([
    "Against python on amd64 at 1024 MB, alpine-amd64 int8 is 2.5 times faster (p50); a cold start takes 0.30 of its time.",
    "Against session on amd64 at 1024 MB, alpine-amd64 int8 is 2.0 times slower (p50); a cold start takes 0.60 of its time.",
  ]);
});

test("a baseline is taken where a cell does the same, and without one nothing is said", () => {
  const faster = of("python amd64", { baseline: "python", memoryMB: 3008, warm: 5 });
  const same = of("python amd64", { baseline: "python", warm: 20 });
  expect(againstBaselines([of("debian-amd64 fp32"), faster, same])[0]).toContain("at 1024 MB");
  expect(againstBaselines([of("debian-amd64 fp32"), faster])).toEqual([]);
  expect(againstBaselines([of("debian-amd64 fp32", { warm: undefined }), same])).toEqual([]);
});

test("cells of one function are compared with the baselines of that one, whose model may be larger", () => {
  const found = againstBaselines([
    of("debian-amd64 fp32", { warm: 20 }),
    of("debian-amd64 fp32", { function: "small", warm: 1 }),
    of("python amd64", { baseline: "python", warm: 40 }),
    of("python amd64", { function: "small", baseline: "python", warm: 3 }),
  ]);
  expect(found).toEqual([
    expect.stringMatching(/^embed: against python .* is 2\.0 times faster/),
    expect.stringMatching(/^small: against python .* is 3\.0 times faster/),
  ]);
});
