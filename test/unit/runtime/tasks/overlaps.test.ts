import { expect, test } from "vitest";
import { withoutOverlaps } from "../../../../runtime/tasks/overlaps.ts";

const found = (start: number, end: number, score = 0.5) => ({ start, end, score });

test.each([
  { what: "apart", all: [found(4, 6), found(0, 2)], kept: [found(0, 2), found(4, 6)] },
  { what: "side by side", all: [found(0, 2), found(2, 4)], kept: [found(0, 2), found(2, 4)] },
  { what: "the longer", all: [found(0, 2, 0.9), found(1, 5, 0.1)], kept: [found(1, 5, 0.1)] },
  { what: "the likelier", all: [found(0, 2, 0.1), found(0, 2, 0.9)], kept: [found(0, 2, 0.9)] },
  { what: "the same without a character", all: [found(3, 3), found(3, 3)], kept: [found(3, 3)] },
])("$what", ({ all, kept }) => {
  expect(withoutOverlaps(all)).toEqual(kept);
});
