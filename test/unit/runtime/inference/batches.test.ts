import { expect, test } from "vitest";
import { checkInputs, fixedSizes } from "../../../../models/graph/encoder.ts";
import { cellLimit, toBatches, toFeeds } from "../../../../runtime/inference/batches.ts";
import { port } from "../../../support/tiny-model.ts";

test("texts of similar length share a batch, within the limit", () => {
  expect(toBatches([9, 1, 5, 1], { maxCells: 10 })).toEqual([[1, 3], [2], [0]]);
  expect(toBatches([3, 3, 3, 3], { maxCells: 6 })).toEqual([
    [0, 1],
    [2, 3],
  ]);
});

test("a text above the limit is a batch of its own", () => {
  expect(toBatches([20, 2], { maxCells: 10 })).toEqual([[1], [0]]);
});

test("every text is in exactly one batch", () => {
  const lengths = Array.from({ length: 100 }, (_, i) => ((i * 37) % 128) + 1);
  const all = toBatches(lengths).flat();
  expect(all.toSorted((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
});

test("no batch has more texts than the graph takes", () => {
  expect(toBatches([3, 1, 2], { maxTexts: 1 })).toEqual([[1], [2], [0]]);
});

test("an output as wide as a vocabulary makes batches smaller", () => {
  expect(cellLimit(1)).toBe(cellLimit(384));
  expect(cellLimit(250_000) * 250_000 * 4).toBeLessThan(40_000_000);
});

const SIDES = { padId: 9, padSide: "right" } as const;
const named = (...names: string[]) => names.map((name) => port(name, "int64", []));
const encoding = (ids: number[], typeIds = ids.map(() => 0)) => {
  const range = { start: 0, end: 0 };
  return { ids, typeIds, first: range, second: range };
};
const TWO = [encoding([2, 4, 3], [0, 0, 1]), encoding([2, 3])];

test("rows are padded to the longest", () => {
  const inputs = named("input_ids", "attention_mask", "token_type_ids", "position_ids");
  expect(toFeeds(TWO, inputs, SIDES)).toEqual({
    input_ids: { data: BigInt64Array.of(2n, 4n, 3n, 2n, 3n, 9n), dims: [2, 3] },
    attention_mask: { data: BigInt64Array.of(1n, 1n, 1n, 1n, 1n, 0n), dims: [2, 3] },
    token_type_ids: { data: BigInt64Array.of(0n, 0n, 1n, 0n, 0n, 0n), dims: [2, 3] },
    position_ids: { data: BigInt64Array.of(0n, 1n, 2n, 0n, 1n, 0n), dims: [2, 3] },
  });
});

test("rows are padded on the tokenizer's side", () => {
  expect(toFeeds(TWO, named("input_ids"), { padId: 9, padSide: "left" })).toEqual({
    input_ids: { data: BigInt64Array.of(2n, 4n, 3n, 9n, 2n, 3n), dims: [2, 3] },
  });
});

test("where the graph fixes the sizes, rows are padded to its length and the last one fills its batch", () => {
  const inputs = ["input_ids", "attention_mask"].map((name) => port(name, "int64", [3, 4]));
  expect(fixedSizes(inputs)).toEqual({ texts: 3, tokens: 4 });
  expect(toFeeds(TWO, inputs, SIDES)).toEqual({
    input_ids: { data: BigInt64Array.of(2n, 4n, 3n, 9n, 2n, 3n, 9n, 9n, 2n, 3n, 9n, 9n), dims: [3, 4] },
    attention_mask: { data: BigInt64Array.of(1n, 1n, 1n, 0n, 1n, 1n, 0n, 0n, 1n, 1n, 0n, 0n), dims: [3, 4] },
  });
});

test("a text longer than the graph's fixed length is refused", () => {
  const inputs = [port("input_ids", "int64", [1, 2])];
  expect(() => toFeeds(TWO, inputs, SIDES)).toThrow("a text has 3 tokens, and the graph takes 2");
});

test("an input that is no row per text is refused by its rank", () => {
  expect(() => fixedSizes([port("input_ids", "int64", ["tokens"])])).toThrow(
    "the graph's input input_ids has 1 dimensions",
  );
});

test("only what the graph asks for is made", () => {
  expect(Object.keys(toFeeds([encoding([2])], named("input_ids"), SIDES))).toEqual(["input_ids"]);
});

test("an input that texts do not give is refused by name", () => {
  expect(() => checkInputs(named("input_ids", "pixel_values"))).toThrow("asks for pixel_values");
  expect(() => checkInputs(named("toString"))).toThrow("asks for toString");
  expect(() => checkInputs(named("input_ids", "attention_mask"))).not.toThrow();
});
