import { describe, expect, test } from "vitest";
import { type Parcel, toArchives } from "../../../build/archive.ts";

/** An image of which the engine lacks one layer of so many megabytes. */
function parcel(megabytes: number): Parcel {
  const digest = `sha256:${"1".repeat(64)}`;
  const layer = { digest, size: megabytes * 1e6 };
  const oci = { config: { digest, size: 1 }, layers: [layer], diffIds: [], labels: {} };
  return { layout: "/layout", oci, missing: megabytes > 0 ? [digest] : [], tag: "a:b" };
}

const countsOf = (sizes: readonly number[]) => toArchives(sizes.map(parcel)).map(({ length }) => length);

describe("images go to the engine", () => {
  test("each alone when they are large: Ctrl-C waits for one of them only", () => {
    expect(countsOf([130, 130, 130])).toEqual([1, 1, 1]);
  });

  test("in two archives when they are small", () => {
    expect(countsOf([1, 1, 1, 1, 1, 1])).toEqual([4, 2]);
  });

  test("in one archive when the engine has all their layers", () => {
    expect(countsOf([0, 0, 0, 0])).toEqual([4]);
  });

  test("none when there is none", () => {
    expect(countsOf([])).toEqual([]);
  });
});
