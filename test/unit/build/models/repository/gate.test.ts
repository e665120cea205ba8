import { expect, test } from "vitest";
import { gateFigures, gateLimits } from "../../../../../build/models/repository/gate.ts";

const gate = { cosine: 0.97, agreement: 0.9, shift: 0.2, kl: 0.1 };
const method = "dynamic" as const;

test("the limits are the spec's for quantized weights, and stricter for weights that stay as they are", () => {
  const spec = { task: "feature-extraction" as const, gate };
  expect(gateLimits({ spec, recipe: { method } })).toEqual(gate);
  expect(gateLimits({ spec, recipe: { method: "keep" } }).cosine).toBe(0.9999);
});

test("only the figures of a task's kind are named", () => {
  const figures = (task: "feature-extraction" | "translation" | "token-classification") =>
    gateFigures({ spec: { task, gate }, recipe: { method } });
  expect(figures("feature-extraction")).toEqual([["cosine", 0.97]]);
  expect(figures("translation")).toEqual([
    ["agreement", 0.9],
    ["kl", 0.1],
  ]);
  expect(figures("token-classification")).toEqual([
    ["agreement", 0.9],
    ["shift", 0.2],
  ]);
});
