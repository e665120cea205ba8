import { expect, test } from "vitest";
import { withImageFacts } from "../../../../build/bench/image-facts.ts";
import type { Result } from "../../../../build/bench/results.ts";
import { makeResults } from "../../../support/bench-results.ts";

const ONE = { os: ["alpine"], arch: ["arm64"], quantization: ["int8"], memory: [1024] } as const;

test("a line of Lambda has sizes and accuracy of the same image as it was measured here", () => {
  const [local] = makeResults(ONE) as [Result];
  const [{ sizes: _, accuracy: __, ...bare }] = makeResults({ ...ONE, region: "us-east-1" }) as [Result];
  expect(withImageFacts([bare, local])).toEqual([
    { ...bare, sizes: local.sizes, accuracy: local.accuracy },
    local,
  ]);
});

test("another image, lock or version of mkimage gives it nothing, and its own figures stay", () => {
  const [local] = makeResults(ONE) as [Result];
  const { sizes: _, accuracy: __, ...bare } = local;
  const others = [
    { ...local, cell: { ...local.cell, os: "debian" } },
    { ...local, run: { ...local.run, lockDigest: "sha256:other" } },
    { ...local, run: { ...local.run, mkimage: "9.9.9" } },
  ];
  expect(withImageFacts([bare, ...others])[0]).toEqual(bare);
  const own = { ...local, accuracy: { metric: "cosine", value: 0.5 } };
  expect(withImageFacts([own, local])[0]).toEqual(own);
});
