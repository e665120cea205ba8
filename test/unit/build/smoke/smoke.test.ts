import type Docker from "dockerode";
import { expect, test, vi } from "vitest";
import { makePlan } from "../../../../build/plan/plan.ts";
import { smokeTest } from "../../../../build/smoke/smoke.ts";
import { configOf, FACTS, MINIMAL } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";

const GIB = 1024 ** 3;

/** An engine with an image of these layers, unpacked; `createContainer` is the first thing that runs anything. */
function engineWith(layers: readonly number[], size: number) {
  const createContainer = vi.fn(() => Promise.reject(new Error("started")));
  const image = {
    inspect: async () => ({ Id: "sha256:1", Config: { Labels: {} }, Size: size }),
    history: async () => layers.map((Size) => ({ Size, CreatedBy: "COPY" })),
  };
  return { docker: { getImage: () => image, createContainer } as unknown as Docker, createContainer };
}

const { signal } = new AbortController();
const cell = async () =>
  makePlan(await configOf(MINIMAL, { os: ["alpine"], arch: ["arm64"] }), FACTS)[0] as ReturnType<
    typeof makePlan
  >[number];

test("an image of more than 10 GiB unpacked, in all its layers, is refused before anything of it runs", async () => {
  const image = await cell();
  // A store in containerd tells the packed size as the image's.
  const { docker, createContainer } = engineWith([6 * GIB, 0, 4 * GIB, 0.5 * GIB], 3 * GIB);
  const error = await refusal(() => smokeTest(image, { docker, signal }));
  expect(error.exitCode).toBe(1);
  expect(error.message).toBe(`${image.reference} has 10.50 GiB unpacked, and Lambda takes 10.00 GiB at most`);
  expect(error.hint).toContain("--quantization int8");
  expect(createContainer).not.toHaveBeenCalled();
});

test("an image of exactly 10 GiB is tested", async () => {
  const { docker } = engineWith([6 * GIB, 4 * GIB], 0);
  await expect(smokeTest(await cell(), { docker, signal })).rejects.toThrow("started");
});
