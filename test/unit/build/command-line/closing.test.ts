import { expect, test } from "vitest";
import type { Built } from "../../../../build/builder/built.ts";
import { builtTable } from "../../../../build/command-line/closing.ts";
import { imageOf } from "../../../support/plan-facts.ts";

const built = async (os: "alpine" | "debian", shared: number): Promise<Built> => ({
  ...(await imageOf(undefined, {}, { flags: { os: [os], arch: ["amd64"] } })),
  configDigest: `sha256:${"c".repeat(64)}`,
  size: { bytes: 80e6, shared, packed: true },
});

test("the table of built images tells their sizes, and of several what they share", async () => {
  const [head, ...rows] = builtTable([await built("alpine", 60e6), await built("debian", 60e6)]);
  expect(head).toEqual(["image", "packed", "of which shared", "seconds"]);
  expect(rows.map(([image, ...cells]) => [image, ...cells.slice(0, 2)])).toEqual([
    ["shop/embed:alpine-amd64", "80 MB", "60 MB"],
    ["shop/embed:debian-amd64", "80 MB", "60 MB"],
  ]);
});

test("an image that shares nothing has no column for it", async () => {
  const [head] = builtTable([await built("alpine", 0)]);
  expect(head).toEqual(["image", "packed", "seconds"]);
});
