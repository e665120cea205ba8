import { expect, test } from "vitest";
import { eventOf } from "../../../../build/bench/inputs.ts";
import type { Variant } from "../../../../build/plan/variant.ts";
import { refusal } from "../../../support/refusal.ts";

const variant = {
  name: "minilm",
  recipe: { method: "keep" },
  spec: {
    task: "feature-extraction",
    maxTokens: 128,
    tolerance: 0.01,
    files: {},
    samples: [{ inputs: "one" }],
  },
} as unknown as Variant;

test("a text of as many tokens as asked, as often as the batch says", async () => {
  const { event, input } = await eventOf(variant, { tokens: 5, batch: 2 });
  expect(JSON.parse(event)).toEqual({ inputs: ["the the the", "the the the"] });
  expect(input).toEqual({ tokens: 5, batch: 2 });
});

test("more tokens than the model reads are refused: it would cut them off, and each would seem cheaper than it is", async () => {
  expect((await eventOf(variant, { tokens: 128, batch: 1 })).input).toEqual({ tokens: 128, batch: 1 });
  const error = await refusal(() => eventOf(variant, { tokens: 129, batch: 1 }));
  expect(error).toMatchObject({ exitCode: 2, message: "--tokens 129: minilm reads 128 at most" });
});
