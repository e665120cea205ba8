import { expect, test } from "vitest";
import { leftOut } from "../../../../build/bench/left-out.ts";
import { makeResults } from "../../../support/bench-results.ts";

const [a, b] = makeResults({ os: ["alpine"], arch: ["arm64"], quantization: ["int8"], memory: [512, 1024] });
if (!a || !b) throw new Error("there are two");
const interrupted = { ...a, interrupted: true };

test("a cell that was interrupted and is not asked for stays so", () => {
  expect(leftOut([interrupted, b], [b])).toEqual([interrupted]);
});

test("one that is asked for, or was measured since, does not", () => {
  expect(leftOut([interrupted, b], [a])).toEqual([]);
  expect(leftOut([interrupted, a], [b])).toEqual([]);
});
