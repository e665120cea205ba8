import { beforeEach, expect, test, vi } from "vitest";
import type { Built, Packed } from "../../../../build/builder/built.ts";
import { buildToCache } from "../../../../build/builder/to-cache.ts";
import { connectDocker } from "../../../../build/clients/docker.ts";
import { buildPacked } from "../../../../build/engine/packed.ts";
import { buildToStore } from "../../../../build/engine/store.ts";
import type { Image } from "../../../../build/plan/image.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { imageOf } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";

vi.mock("../../../../build/builder/to-cache.ts", () => ({ buildToCache: vi.fn() }));
vi.mock("../../../../build/engine/store.ts", () => ({ buildToStore: vi.fn() }));
vi.mock(import("../../../../build/clients/docker.ts"), async (original) => ({
  ...(await original()),
  connectDocker: vi.fn(),
}));

const OPTIONS = { signal: new AbortController().signal, secrets: [] };
const packed = (image: Image): Packed => ({ ...image, configDigest: "sha256:c", digest: "sha256:a" });
const engineWith = (...images: Image[]) => {
  const stored = images.map(({ reference, labels }) => [reference, { id: "sha256:c", labels }]);
  vi.mocked(connectDocker).mockResolvedValue(fakeEngine({ images: Object.fromEntries(stored) }).docker);
};

let images: [Image, Image];
beforeEach(async () => {
  images = [await imageOf(), await imageOf(undefined, {}, { flags: { os: ["alpine"], arch: ["amd64"] } })];
  vi.mocked(connectDocker).mockReset();
  vi.mocked(buildToCache)
    .mockReset()
    .mockImplementation(async (all) => all.map(packed));
  vi.mocked(buildToStore)
    .mockReset()
    .mockImplementation(async (all) => all.map(packed));
});

test("where the store has every image, nothing is moved", async () => {
  engineWith(...images);
  expect(await buildPacked(images, OPTIONS)).toEqual(images.map(packed));
  expect(buildToStore).not.toHaveBeenCalled();
});

test("where no engine answers, nothing can be moved", async () => {
  vi.mocked(connectDocker).mockRejectedValue(new Error("no engine"));
  expect(await buildPacked(images, OPTIONS)).toEqual(images.map(packed));
  expect(buildToStore).not.toHaveBeenCalled();
});

test.each([
  ["lacks one", () => engineWith(images[0])],
  ["has another one under its name", () => engineWith(images[0], { ...images[1], labels: images[0].labels })],
])("where the store %s, they are put into it in the same build", async (_, prepare) => {
  prepare();
  expect(await buildPacked(images, OPTIONS)).toEqual(images.map(packed));
  expect(buildToStore).toHaveBeenCalledExactlyOnceWith(images, OPTIONS);
  expect(buildToCache).not.toHaveBeenCalled();
});

test("a builder that packs no layers: exit 3, and what to do", async () => {
  engineWith();
  vi.mocked(buildToStore).mockImplementation(async (all) =>
    all.map((image): Built => ({ ...image, configDigest: "sha256:c" })),
  );
  const error = await refusal(() => buildPacked(images, OPTIONS));
  expect(error).toMatchObject({ exitCode: 3, hint: expect.stringContaining("--driver docker-container") });
});
