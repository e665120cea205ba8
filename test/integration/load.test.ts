import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { recordPath } from "../../build/cache/records.ts";
import { cacheWithout } from "../support/cache.ts";
import { docker } from "../support/engine.ts";
import { mkimageJson } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";

interface Built {
  readonly reference: string;
  readonly configDigest: string;
}

let project: Project;
let env: { MKIMAGE_CACHE: string; SOURCE_DATE_EPOCH?: string };

const build = async (...args: string[]): Promise<Built> => {
  const cell = ["build", "--os", "debian", "--arch", "amd64", ...args];
  const [built] = await mkimageJson<[Built]>(cell, { cwd: project.folder, env });
  return built;
};

/** Another time makes another image. */
async function buildOther(time: string): Promise<Built> {
  const own = env;
  env = { ...own, SOURCE_DATE_EPOCH: time };
  try {
    return await build();
  } finally {
    env = own;
  }
}

/** The image is complete: it has the id of what was built, and its program loads its native library. */
async function expectWhole({ reference, configDigest }: Built): Promise<void> {
  expect(await docker("inspect", "--format", "{{.Id}}", reference)).toBe(configDigest);
  const script = "require('/var/task/node_modules/onnxruntime-node'); console.log('loaded')";
  expect(await docker("run", "--rm", "--entrypoint", "node", reference, "--eval", script)).toBe("loaded");
  expect(await docker("run", "--rm", "--entrypoint", "ls", reference, "/var/task")).toContain("index.mjs");
}

let first: Built;
beforeAll(async () => {
  project = await makeProject();
  env = { MKIMAGE_CACHE: await cacheWithout(["images"], project.folder) };
});
beforeEach(async () => {
  first = await build();
});
afterAll(() => project?.remove());

test("an image of which the engine has every layer is whole", async () => {
  const again = await buildOther("7");
  expect(again.configDigest).not.toBe(first.configDigest);
  await expectWhole(again);
});

test("an image whose upper layers the engine has on top of other ones only is whole", async () => {
  const without = await build("--no-rie");
  expect(without.configDigest).not.toBe(first.configDigest);
  await expectWhole(without);
});

test("an image that was removed from the engine is whole again", async () => {
  await docker("rmi", "--force", first.reference);
  await expectWhole(await build());
});

test("notes that are wrong do no harm", async () => {
  const note = join(env.MKIMAGE_CACHE, "images", basename(recordPath("images", first.configDigest)));
  const record = JSON.parse(await readFile(note, "utf8"));
  const layers = (await docker("inspect", "--format", "{{len .RootFS.Layers}}", first.reference)).trim();
  expect(record.layers).toHaveLength(Number(layers));
  for (const layer of record.layers) layer.digest = `sha256:${"0".repeat(64)}`;
  await writeFile(note, JSON.stringify(record));
  await expectWhole(await buildOther("8"));
});
