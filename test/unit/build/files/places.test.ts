import { expect, test } from "vitest";
import { isWithin } from "../../../../build/files/places.ts";

test.each([
  ["/a", "/a", true],
  ["/a", "/a/b", true],
  ["/a", "/a/..b", true],
  ["/a", "/ab", false],
  ["/a/b", "/a", false],
  ["/a", "/a/../b", false],
])("%s holds %s: %s", (folder, path, holds) => {
  expect(isWithin(folder, path)).toBe(holds);
});
