import type Docker from "dockerode";
import { beforeEach, expect, test, vi } from "vitest";
import { imageRecords } from "../../../../build/engine/image-records.ts";
import { findKnownLayers } from "../../../../build/engine/known-layers.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const LABELS = {
  "mkimage.os": "alpine",
  "mkimage.arch": "arm64",
  "mkimage.function": "embed",
  "org.opencontainers.image.base.digest": digest("b"),
};

/** An engine that has images with these unpacked layers, by id. */
function engineWith(images: Record<string, string[]>) {
  const listImages = vi.fn(async () => Object.keys(images).map((Id) => ({ Id })));
  const getImage = (id: string) => ({ inspect: async () => ({ Id: id, RootFS: { Layers: images[id] } }) });
  return { docker: { listImages, getImage } as unknown as Docker, listImages };
}

const packed = (layers: readonly string[]) => layers.map((each) => ({ digest: each, size: 1 }));
const record = (id: string, layers: readonly string[]) =>
  imageRecords.write(id, { digest: id, configDigest: id, layers: packed(layers), reports: {} });

beforeEach(async () => void vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder({})));

test("layers are known of images that are in the store and were noted", async () => {
  await record(digest("1"), [digest("a"), digest("d")]);
  await record(digest("9"), [digest("c")]);
  const { docker, listImages } = engineWith({
    [digest("1")]: ["low", "high"],
    [digest("2")]: ["of", "another", "tool"],
  });
  const known = await findKnownLayers(docker, { labels: LABELS }, "classic");
  expect(known.packed).toEqual(new Set([digest("a"), digest("d")]));
  const label = [
    "mkimage.os=alpine",
    "mkimage.arch=arm64",
    `org.opencontainers.image.base.digest=${digest("b")}`,
  ];
  expect(listImages).toHaveBeenCalledWith({ filters: { label } });
});

/** An image with these layers, each packed and unpacked. */
const imageOf = (...layers: [packed: string, unpacked: string][]) => ({
  layers: packed(layers.map(([letter]) => digest(letter))),
  diffIds: layers.map(([, diffId]) => diffId),
});

test.each([
  { store: "classic" as const, on: [true, true], above: [false, false] },
  { store: "containerd" as const, on: [true, true], above: [false, true] },
])("a $store store has a layer on the same ones, and on others: $above", async ({ store, on, above }) => {
  await record(digest("1"), [digest("a"), digest("d")]);
  const known = await findKnownLayers(
    engineWith({ [digest("1")]: ["low", "high"] }).docker,
    { labels: LABELS },
    store,
  );
  const same = imageOf(["a", "low"], ["d", "high"]);
  const other = imageOf(["e", "new"], ["d", "high"]);
  expect([0, 1].map((index) => known.has(same, index))).toEqual(on);
  expect([0, 1].map((index) => known.has(other, index))).toEqual(above);
});

test("a note of another number of layers is not believed", async () => {
  await record(digest("1"), [digest("a")]);
  const { docker } = engineWith({ [digest("1")]: ["low", "high"] });
  const known = await findKnownLayers(docker, { labels: LABELS }, "classic");
  expect(known.packed.size).toBe(0);
  expect(known.has(imageOf(["a", "low"]), 0)).toBe(false);
});
