import { describe, expect, test } from "vitest";
import { openBases, withFound } from "../../../../build/plan/found.ts";
import { makePlan } from "../../../../build/plan/plan.ts";
import { configOf, FACTS, MINIMAL } from "../../../support/plan-facts.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const REPORT = { figures: { "cosine.min": 0.99 }, samples: 3, graphs: {} };
const NONE = { reports: {}, digests: {} };
const planOf = async (digests: Record<string, string> = {}) =>
  makePlan(await configOf(MINIMAL, { os: ["debian"], arch: ["arm64"] }), { ...FACTS, digests });

describe("a plan with what the builder found", () => {
  test("is the plan that would have been made with these digests", async () => {
    const images = await planOf();
    const digests = Object.fromEntries(openBases(images).map((reference) => [reference, digest("a")]));
    expect(openBases(images)).toContain("debian:trixie-slim");
    const { bases, labels } = (await planOf(digests))[0] ?? {};
    expect(withFound(images, { ...NONE, digests })).toEqual([{ ...images[0], bases, labels }]);
  });

  test("keeps the digests of the lock", async () => {
    const known = { "debian:trixie-slim": digest("b") };
    const [image] = withFound(await planOf(known), {
      ...NONE,
      digests: { "debian:trixie-slim": digest("c") },
    });
    expect(image?.bases.os.digest).toBe(digest("b"));
    expect(image?.labels["org.opencontainers.image.base.digest"]).toBe(digest("b"));
  });

  test("has the reports of its models, each under its target", async () => {
    const [image] = withFound(await planOf(), { ...NONE, reports: { "model-minilm-fp32": REPORT } });
    expect(image?.models[0].report).toEqual(REPORT);
  });
});
