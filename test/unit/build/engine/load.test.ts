import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { extract } from "tar-stream";
import { beforeEach, expect, test, vi } from "vitest";
import { exportLayouts } from "../../../../build/builder/layouts.ts";
import { layoutBlob } from "../../../../build/builder/oci.ts";
import { LoadError } from "../../../../build/clients/docker.ts";
import { imageRecords } from "../../../../build/engine/image-records.ts";
import { buildAndLoad } from "../../../../build/engine/load.ts";
import type { Image } from "../../../../build/plan/image.ts";
import { temporaryFolder, writeTree } from "../../../support/folder.ts";
import { imageOf } from "../../../support/plan-facts.ts";

vi.mock("../../../../build/builder/layouts.ts", () => ({ exportLayouts: vi.fn() }));

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const [MANIFEST, CONFIG, BASE, MODEL] = [digest("a"), digest("c"), digest("1"), digest("2")];
/** The same layers unpacked, the base's first. */
const DIFF_IDS = [digest("8"), digest("9")];
const LAYERS = [
  { digest: BASE, size: 4 },
  { digest: MODEL, size: 5 },
];

/** What the builder exports; as BuildKit does, it sends no layer whose file is there. */
async function writeLayout(layout: string): Promise<void> {
  const blob = (letter: string) => `blobs/sha256/${letter.repeat(64)}`;
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  await writeTree(layout, {
    "index.json": { manifests: [{ mediaType, digest: MANIFEST, size: 1 }] },
    [blob("a")]: { config: { digest: CONFIG, size: 1 }, layers: LAYERS },
    [blob("c")]: { config: {}, rootfs: { diff_ids: DIFF_IDS } },
  });
  for (const { digest, size } of LAYERS)
    await writeFile(layoutBlob(layout, digest), "x".repeat(size), { flag: "wx" }).catch(() => {});
}

interface Store {
  readonly kind?: "classic" | "containerd";
  /** Unpacked layers of an earlier image, whose packed ones are LAYERS. */
  readonly earlier?: readonly string[];
  /** What the engine says of the first archives, in place of taking them. */
  readonly refusals?: string[];
}

/** An engine; `loads` are the layers that it was sent, an archive each. */
function engineWith({ kind = "classic", earlier, refusals = [] }: Store) {
  const loads: string[][] = [];
  const loadImage = async (archive: Readable) => {
    const sent: string[] = [];
    for await (const entry of archive.pipe(extract())) {
      sent.push(entry.header.name);
      entry.resume();
    }
    loads.push([BASE, MODEL].filter((layer) => sent.some((name) => name.includes(layer.slice(7)))));
    const refusal = refusals.shift();
    return Readable.from([refusal ? JSON.stringify({ errorDetail: {}, error: refusal }) : "{}"]);
  };
  const docker = {
    loadImage,
    info: async () => ({
      DriverStatus: kind === "classic" ? null : [["driver-type", "io.containerd.snapshotter.v1"]],
    }),
    listImages: async () => (earlier ? [{ Id: "earlier" }] : []),
    getImage: () => ({ inspect: async () => ({ Id: "earlier", RootFS: { Layers: earlier } }) }),
  };
  return { docker: docker as unknown as Docker, loads };
}

const { signal } = new AbortController();
const OPTIONS = { signal, secrets: [], tag: ({ reference }: Image) => `${reference}-staged` };

let image: Image;
beforeEach(async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
  image = await imageOf();
  await imageRecords.write("earlier", { digest: "", configDigest: "", layers: LAYERS, reports: {} });
  vi.mocked(exportLayouts)
    .mockReset()
    .mockImplementation(async (images, directory) => {
      for (const { target } of images) await writeLayout(join(directory, target));
      return images.map((each) => ({ ...each, digest: MANIFEST, configDigest: CONFIG }));
    });
});

test.each([
  ["classic", CONFIG],
  ["containerd", MANIFEST],
] as const)(
  "a %s store without layers gets all of them, and its id of the image is recorded",
  async (kind, id) => {
    const { docker, loads } = engineWith({ kind });
    const built = await buildAndLoad(docker, [image], OPTIONS);
    expect(built).toMatchObject([{ reference: image.reference, digest: MANIFEST, configDigest: CONFIG }]);
    expect(loads).toEqual([[BASE, MODEL]]);
    expect(await imageRecords.read(id)).toMatchObject({ digest: MANIFEST, layers: LAYERS });
  },
);

test("a layer that the engine has is neither exported nor sent", async () => {
  const { docker, loads } = engineWith({ earlier: DIFF_IDS });
  await buildAndLoad(docker, [image], OPTIONS);
  expect(loads).toEqual([[]]);
  expect(exportLayouts).toHaveBeenCalledOnce();
});

test("one that a classic store has on top of another base only is exported once more, and sent", async () => {
  const { docker, loads } = engineWith({ earlier: [digest("7"), DIFF_IDS[1] as string] });
  await buildAndLoad(docker, [image], OPTIONS);
  expect(loads).toEqual([[BASE, MODEL]]);
  expect(exportLayouts).toHaveBeenCalledTimes(2);
});

test("what the engine refuses without the layers that it had is sent whole", async () => {
  const { docker, loads } = engineWith({ earlier: DIFF_IDS, refusals: ["layer does not exist"] });
  await buildAndLoad(docker, [image], OPTIONS);
  expect(loads).toEqual([[], [BASE, MODEL]]);
});

test("what it refuses whole as well ends the build", async () => {
  const { docker } = engineWith({ refusals: ["no", "still no"] });
  const outcome = buildAndLoad(docker, [image], OPTIONS);
  await expect(outcome).rejects.toBeInstanceOf(LoadError);
  expect(await imageRecords.read(CONFIG)).toBeUndefined();
});

test("after Ctrl-C nothing is tried again", async () => {
  const controller = new AbortController();
  const { docker } = engineWith({ earlier: DIFF_IDS });
  vi.mocked(exportLayouts).mockImplementation(async () => {
    controller.abort(new Error("SIGINT"));
    throw new LoadError("the connection ended");
  });
  await expect(buildAndLoad(docker, [image], { ...OPTIONS, signal: controller.signal })).rejects.toThrow();
  expect(exportLayouts).toHaveBeenCalledOnce();
});
