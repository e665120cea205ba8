import { expect, test } from "vitest";
import { withDigests } from "../../../../build/builder/built.ts";
import { makePlan } from "../../../../build/plan/plan.ts";
import { configOf, FACTS, MINIMAL } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

test("images get the digests that the builder gave their targets", async () => {
  const images = makePlan(await configOf(MINIMAL, { os: ["alpine"] }), FACTS);
  const built = withDigests(images, {
    "embed-alpine-amd64": {
      "containerimage.digest": digest("1"),
      "containerimage.config.digest": digest("2"),
    },
    "embed-alpine-arm64": {
      "containerimage.digest": digest("3"),
      "containerimage.config.digest": digest("4"),
    },
    runtime: {},
  });
  expect(built.map(({ name, digest, configDigest }) => [name, digest, configDigest])).toEqual([
    ["alpine-arm64", digest("3"), digest("4")],
    ["alpine-amd64", digest("1"), digest("2")],
  ]);
  expect(built[0]).toMatchObject(images[0] ?? {});
});

test.each([
  undefined,
  {},
  { "containerimage.digest": digest("1") },
  { "containerimage.config.digest": digest("1") },
])("an image without both digests ends with exit code 3: %o", async (facts) => {
  const images = makePlan(await configOf(MINIMAL, { os: ["alpine"], arch: ["arm64"] }), FACTS);
  const error = await refusal(() => withDigests(images, facts ? { "embed-alpine-arm64": facts } : {}));
  expect(error).toMatchObject({
    exitCode: 3,
    message: "docker buildx gave no digest for shop/embed:alpine-arm64",
    hint: expect.stringContaining("buildx 0.19"),
  });
});
