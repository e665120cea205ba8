import type Docker from "dockerode";
import { expect, test, vi } from "vitest";
import type { Image } from "../../../../build/plan/image.ts";
import { smokeTest } from "../../../../build/smoke/smoke.ts";
import { imageOf } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";

const GIB = 1024 ** 3;

/** An engine with an image of these layers, unpacked; `createContainer` is the first thing that runs anything. */
function engineWith({ labels }: Pick<Image, "labels">, layers: readonly number[], size: number) {
  const createContainer = vi.fn(() => Promise.reject(new Error("started")));
  const image = {
    inspect: async () => ({ Id: "sha256:1", Config: { Labels: labels }, Size: size }),
    history: async () => layers.map((Size) => ({ Size, CreatedBy: "COPY" })),
  };
  return { docker: { getImage: () => image, createContainer } as unknown as Docker, createContainer };
}

const { signal } = new AbortController();

test("an image of more than 10 GiB unpacked, in all its layers, is refused before anything of it runs", async () => {
  const image = await imageOf();
  // A store in containerd tells the packed size as the image's.
  const { docker, createContainer } = engineWith(image, [6 * GIB, 0, 4 * GIB, 0.5 * GIB], 3 * GIB);
  const error = await refusal(() => smokeTest(image, { docker, signal }));
  expect(error.exitCode).toBe(1);
  expect(error.message).toBe(`${image.reference} has 10.50 GiB unpacked, and Lambda takes 10.00 GiB at most`);
  expect(error.hint).toContain("--quantization int8");
  expect(createContainer).not.toHaveBeenCalled();
});

test("an image of exactly 10 GiB is tested", async () => {
  const image = await imageOf();
  const { docker } = engineWith(image, [6 * GIB, 4 * GIB], 0);
  await expect(smokeTest(image, { docker, signal })).rejects.toThrow("started");
});

test("an image that is not what the plan names is refused before anything of it runs", async () => {
  const image = await imageOf();
  const { docker, createContainer } = engineWith(await imageOf(undefined, { project: "other" }), [1], 1);
  const error = await refusal(() => smokeTest(image, { docker, signal }));
  expect(error.message).toBe(`${image.reference} is of another project: other, not shop`);
  expect(createContainer).not.toHaveBeenCalled();
});

test("what is run is the image that was looked at, whatever the reference is moved to meanwhile", async () => {
  const image = await imageOf();
  const { docker, createContainer } = engineWith(image, [1], 1);
  await expect(smokeTest(image, { docker, signal })).rejects.toThrow("started");
  expect(createContainer.mock.calls).toEqual([[expect.objectContaining({ Image: "sha256:1" })]]);
});
