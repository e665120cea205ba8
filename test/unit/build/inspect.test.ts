import { beforeEach, expect, test, vi } from "vitest";
import { imageRecords } from "../../../build/engine/image-records.ts";
import { inspectImages } from "../../../build/inspect.ts";
import type { Image } from "../../../build/plan/image.ts";
import { type FakeEngineOptions, fakeEngine } from "../../support/fake-engine.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { imageOf } from "../../support/plan-facts.ts";
import { refusal } from "../../support/refusal.ts";
import { tinyElf } from "./smoke/abi/tiny-elf.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const ID = digest("c");
/** Two layers of the base, and those of the parts. */
const LAYERS = [..."01234567"].map((letter, index) => ({ digest: digest(letter), size: 10 ** index }));
const REPORT = { figures: { "cosine.min": 0.98 }, samples: 212, graphs: {} };

beforeEach(async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
});

/** An engine whose store has the image, with further labels. */
const engineWith = (image: Image, labels: Record<string, string> = {}, options: FakeEngineOptions = {}) =>
  fakeEngine({
    images: { [image.reference]: { id: ID, labels: { ...image.labels, ...labels } } },
    ...options,
  });

const record = (image: Image) =>
  imageRecords.write(ID, {
    digest: digest("a"),
    configDigest: ID,
    layers: LAYERS,
    reports: { [image.models[0].name]: REPORT },
  });

test("tells of an image what the builder and the engine know, and runs nothing of it", async () => {
  const image = await imageOf();
  await record(image);
  const base = { "org.opencontainers.image.base.digest": digest("b"), "mkimage.stand-in": "debian:13" };
  const files = {
    "usr/local/bin/node": Buffer.concat([
      tinyElf({ versions: { "libc.so.6": ["GLIBC_2.28"] } }),
      Buffer.from("…/node-v24.1.0/src…"),
    ]),
  };
  const start = vi.fn();
  const { docker, containers } = engineWith(image, base, { files, onStart: start });
  const [inspected] = await inspectImages(docker, [image]);
  expect(inspected).toMatchObject({
    reference: image.reference,
    os: "debian",
    platform: "linux/amd64",
    digest: digest("a"),
    configDigest: ID,
    current: true,
    size: 11_111_111,
    base: { reference: image.bases.os.reference, digest: digest("b") },
    standIn: "debian:13",
    node: "24.1.0",
    models: [{ name: "minilm", figures: { "cosine.min": 0.98 }, samples: 212 }],
    abi: { files: 2, newest: { GLIBC: "2.28" }, faults: [] },
  });
  const parts = inspected?.layers.map(({ part }) => part);
  expect(parts?.slice(0, 2)).toEqual(["base", "base"]);
  expect(parts?.slice(2)).not.toContain("base");
  expect(inspected?.layers.map(({ size }) => size)).toEqual(LAYERS.map(({ size }) => size));
  expect(start).not.toHaveBeenCalled();
  expect(containers.size).toBe(0);
});

test("an image that the sources do not make any more is told all the same, as not current", async () => {
  const image = await imageOf();
  await record(image);
  const { docker } = engineWith(image, { "mkimage.quantization": "int8" });
  expect(await inspectImages(docker, [image])).toMatchObject([{ current: false }]);
});

test("a model without figures has none", async () => {
  const image = await imageOf();
  await imageRecords.write(ID, { digest: ID, configDigest: ID, layers: LAYERS, reports: {} });
  const { docker } = engineWith(image);
  expect(await inspectImages(docker, [image])).toMatchObject([{ models: [{ figures: {}, samples: 0 }] }]);
});

test.each([
  ["has not been built", {}, "has not been built"],
  ["is not in the records of this machine", { stored: true }, "was not built with this machine's cache"],
])(
  "one that %s: exit 1, and the command that builds it",
  async (_, { stored }: { stored?: boolean }, says) => {
    const image = await imageOf();
    const { docker } = stored ? engineWith(image) : fakeEngine();
    const error = await refusal(() => inspectImages(docker, [image]));
    expect(error).toMatchObject({ exitCode: 1, hint: `Run: ${image.command}` });
    expect(error.message).toContain(`${image.reference} ${says}`);
  },
);

test("one that was not built is told before anything of the others is read", async () => {
  const [image, other] = [
    await imageOf(),
    await imageOf(undefined, {}, { flags: { os: ["alpine"], arch: ["amd64"] } }),
  ];
  await record(image);
  const { docker, created } = engineWith(image);
  await expect(inspectImages(docker, [image, other])).rejects.toThrow(
    `${other.reference} has not been built`,
  );
  expect(created).toEqual([]);
});
