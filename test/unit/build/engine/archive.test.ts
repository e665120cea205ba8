import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { extract } from "tar-stream";
import { describe, expect, test, vi } from "vitest";
import { layoutBlob } from "../../../../build/builder/oci.ts";
import { type ArchivedImage, loadImages, toArchives } from "../../../../build/engine/archive.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const blob = (letter: string, size = 1) => ({ digest: digest(letter), size });
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** An image of these layers; its config and manifest are named by the letters. */
function image(
  [manifest, config]: string,
  layers: ArchivedImage["oci"]["layers"],
  tag = "a:b",
): ArchivedImage {
  const oci = {
    manifest: { ...blob(manifest as string), mediaType: MANIFEST },
    config: blob(config as string),
    layers,
    diffIds: [],
    labels: {},
  };
  return { layout: "/layout", oci, missing: layers, tag };
}

const countsOf = (sizes: readonly number[]) =>
  toArchives(sizes.map((formatBytes) => image("12", [blob("3", formatBytes * 1e6)]))).map(
    ({ length }) => length,
  );

describe("images go to the engine", () => {
  test("each alone when they are large: Ctrl-C waits for one of them only", () => {
    expect(countsOf([130, 130, 130])).toEqual([1, 1, 1]);
  });

  test("in two archives when they are small", () => {
    expect(countsOf([1, 1, 1, 1, 1, 1])).toEqual([4, 2]);
  });

  test("in one archive when the engine has all their layers", () => {
    const known = [1, 2, 3].map(() => ({ ...image("12", [blob("3", 5e6)]), missing: [] }));
    expect(toArchives(known)).toEqual([known]);
  });

  test("none when there is none", () => {
    expect(countsOf([])).toEqual([]);
  });
});

/** What an engine is sent, by name. */
async function sent(images: readonly ArchivedImage[]): Promise<[string, string][]> {
  const entries: [string, string][] = [];
  const loadImage = vi.fn(async (archive: NodeJS.ReadableStream) => {
    for await (const entry of archive.pipe(extract())) entries.push([entry.header.name, await text(entry)]);
    return Readable.from(['{"stream":"Loaded image"}\n']);
  });
  await loadImages({ loadImage } as unknown as Docker, images, new AbortController().signal);
  return entries;
}

test("an archive says of each image what both kinds of store ask, and has once what they lack", async () => {
  const layout = await temporaryFolder();
  for (const letter of "123456") {
    const path = layoutBlob(layout, digest(letter));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, letter);
  }
  const images = [
    { ...image("12", [blob("7"), blob("5")], "team/one:alpine"), layout, missing: [blob("5")] },
    { ...image("34", [blob("5"), blob("6")], "registry.example:5000/two:alpine"), layout },
  ];
  const entries = await sent(images);
  const path = (letter: string) => `blobs/sha256/${letter.repeat(64)}`;
  expect(entries.slice(3)).toEqual(["1", "2", "5", "3", "4", "6"].map((letter) => [path(letter), letter]));
  const [oci, index, list] = entries.slice(0, 3).map(([name, content]) => [name, JSON.parse(content)]);
  expect(oci).toEqual(["oci-layout", { imageLayoutVersion: "1.0.0" }]);
  expect(index).toMatchObject([
    "index.json",
    {
      manifests: [
        {
          mediaType: MANIFEST,
          digest: digest("1"),
          size: 1,
          annotations: { "io.containerd.image.name": "docker.io/team/one:alpine" },
        },
        {
          digest: digest("3"),
          annotations: { "io.containerd.image.name": "registry.example:5000/two:alpine" },
        },
      ],
    },
  ]);
  expect(list).toEqual([
    "manifest.json",
    [
      { Config: path("2"), RepoTags: ["team/one:alpine"], Layers: [path("7"), path("5")] },
      { Config: path("4"), RepoTags: ["registry.example:5000/two:alpine"], Layers: [path("5"), path("6")] },
    ],
  ]);
});
