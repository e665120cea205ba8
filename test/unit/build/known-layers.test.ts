import type Docker from "dockerode";
import { expect, test, vi } from "vitest";
import { chainOf, findKnownLayers, recordLayers } from "../../../build/known-layers.ts";
import { temporaryFolder } from "./folder.ts";

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

const record = (config: string, layers: readonly string[]) =>
  recordLayers({
    config: { digest: config, size: 1 },
    layers: layers.map((each) => ({ digest: each, size: 1 })),
    diffIds: [],
    labels: {},
  });

test("layers are known of images that are in the store and were noted, each with those below it", async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder({}));
  await record(digest("1"), [digest("a"), digest("d")]);
  await record(digest("9"), [digest("c")]);
  const { docker, listImages } = engineWith({
    [digest("1")]: ["low", "high"],
    [digest("2")]: ["of", "another", "tool"],
  });
  const known = await findKnownLayers(docker, { labels: LABELS });
  expect(known.chains).toEqual(new Set([chainOf(["low"], 0), chainOf(["low", "high"], 1)]));
  expect(known.chains).not.toContain(chainOf(["high"], 0));
  expect(known.packed).toEqual(new Set([digest("a"), digest("d")]));
  const label = [
    "mkimage.os=alpine",
    "mkimage.arch=arm64",
    `org.opencontainers.image.base.digest=${digest("b")}`,
  ];
  expect(listImages).toHaveBeenCalledWith({ filters: { label } });
});

test("a note of another number of layers is not believed", async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder({}));
  await record(digest("1"), [digest("a")]);
  const known = await findKnownLayers(engineWith({ [digest("1")]: ["low", "high"] }).docker, {
    labels: LABELS,
  });
  expect([known.chains.size, known.packed.size]).toEqual([0, 0]);
});
