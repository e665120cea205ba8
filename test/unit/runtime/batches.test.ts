import { expect, test } from "vitest";
import { checkInputs, toBatches, toFeeds } from "../../../runtime/batches.ts";

test("texts of similar length share a batch, within the limit", () => {
  expect(toBatches([9, 1, 5, 1], 10)).toEqual([[1, 3], [2], [0]]);
  expect(toBatches([3, 3, 3, 3], 6)).toEqual([
    [0, 1],
    [2, 3],
  ]);
});

test("a text above the limit is a batch of its own", () => {
  expect(toBatches([20, 2], 10)).toEqual([[1], [0]]);
});

test("every text is in exactly one batch", () => {
  const lengths = Array.from({ length: 100 }, (_, i) => ((i * 37) % 128) + 1);
  const all = toBatches(lengths).flat();
  expect(all.toSorted((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
});

test("rows are padded on the right to the longest", () => {
  const encodings = [
    { ids: [2, 4, 3], typeIds: [0, 0, 1] },
    { ids: [2, 3], typeIds: [0, 0] },
  ];
  expect(toFeeds(encodings, 9, ["input_ids", "attention_mask", "token_type_ids"])).toEqual({
    input_ids: { data: BigInt64Array.of(2n, 4n, 3n, 2n, 3n, 9n), dims: [2, 3] },
    attention_mask: { data: BigInt64Array.of(1n, 1n, 1n, 1n, 1n, 0n), dims: [2, 3] },
    token_type_ids: { data: BigInt64Array.of(0n, 0n, 1n, 0n, 0n, 0n), dims: [2, 3] },
  });
});

test("only what the graph asks for is made", () => {
  expect(Object.keys(toFeeds([{ ids: [2], typeIds: [0] }], 0, ["input_ids"]))).toEqual(["input_ids"]);
});

test("an input that texts do not give is refused by name", () => {
  expect(() => checkInputs(["input_ids", "pixel_values"])).toThrow("asks for pixel_values");
  expect(() => checkInputs(["toString"])).toThrow("asks for toString");
  expect(() => checkInputs(["input_ids", "attention_mask"])).not.toThrow();
});
