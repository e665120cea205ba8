import { expect, test } from "vitest";
import { gateFaults } from "../../../../build/deploy/gates.ts";

const NOW = { coldMs: 900, warmMs: 12, size: 150e6 };

test("what is within every gate passes", () => {
  const gates = { coldMs: 900, warmMs: 12, slowdown: 1.2, sizeMB: 150, growth: 1.1 };
  expect(gateFaults(gates, NOW, { warmMs: 10, size: 140e6 })).toEqual([]);
  expect(gateFaults({}, { coldMs: undefined, warmMs: 1e9, size: undefined }, undefined)).toEqual([]);
});

test("each figure beyond its gate is named with what is allowed", () => {
  const gates = { coldMs: 800, warmMs: 9, slowdown: 1.1, sizeMB: 100, growth: 1.01 };
  expect(gateFaults(gates, NOW, { warmMs: 10, size: 140e6 })).toEqual([
    "cold start: 900 ms, 800 ms is allowed",
    "warm answer: 12 ms, 9.0 ms is allowed",
    "warm answer: 12 ms, 1.1 times the 10 ms of the live version is allowed",
    "size of the image: 150 MB, 100 MB is allowed",
    "size of the image: 150 MB, 1.01 times the 140 MB of the live version is allowed",
  ]);
});

test("a figure that a gate needs and nobody has does not pass", () => {
  const faults = gateFaults(
    { coldMs: 800, growth: 2 },
    { coldMs: undefined, warmMs: 1, size: undefined },
    undefined,
  );
  expect(faults).toEqual([
    "cold start: could not be measured",
    "size of the image: the registry does not tell it",
  ]);
});

test("of a first version nothing is compared with a live one", () => {
  expect(gateFaults({ slowdown: 1, growth: 1 }, NOW, undefined)).toEqual([]);
});
