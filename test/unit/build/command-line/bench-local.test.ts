import { expect, test } from "vitest";
import { processorNote } from "../../../../build/command-line/bench-local.ts";

test("sizes with more processor than the machine has are told", () => {
  expect(processorNote([512, 3538], 2)).toBeUndefined();
  expect(processorNote([512, 5307], 2)).toBe(
    "note: this machine has 2 processors, as Lambda gives with 3538 MB: what has more memory is slower here than there",
  );
});
