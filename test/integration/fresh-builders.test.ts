import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cacheRoot } from "../../build/cache/folders.ts";
import { freshBuilder } from "../support/builder.ts";
import { mkimageJson } from "../support/mkimage.ts";
import { makeProject } from "../support/project.ts";

interface Built {
  reference: string;
  digest?: string;
  configDigest: string;
}

const CELL = ["build", "--frozen", "--os", "debian", "--arch", "amd64"];

test("two builders that know nothing give the same image from one lock, packed at once or after it was loaded", async () => {
  const project = await makeProject();
  onTestFinished(() => project.remove());
  await mkimageJson(["lock", "--bases"], { cwd: project.folder });
  const lock = await readFile(join(project.folder, "models/lock.json"), "utf8");

  const build = async (
    which: string,
    use: (mkimage: (...args: string[]) => Promise<Built>) => Promise<Built>,
  ) => {
    const builder = await freshBuilder();
    try {
      // A cache of its own, so that not even the files' times are the same.
      const cache = join(project.folder, `cache-${which}`);
      await mkdir(cache);
      await cp(join(cacheRoot(), "blobs"), join(cache, "blobs"), { recursive: true });
      const env = { ...builder.env, MKIMAGE_CACHE: cache };
      return await use(async (...args) => {
        const [built] = await mkimageJson<[Built]>([...CELL, ...args], { cwd: project.folder, env });
        return built;
      });
    } finally {
      await builder.remove();
    }
  };
  const output = (which: string) => ["--output", `oci=${join(project.folder, which)}`];
  const first = await build("first", (mkimage) => mkimage(...output("first")));
  const second = await build("second", async (mkimage) => {
    const loaded = await mkimage();
    expect(loaded.configDigest).toBe(first.configDigest);
    expect(loaded.digest).toBe(first.digest);
    return mkimage(...output("second"));
  });
  expect(second.configDigest).toBe(first.configDigest);
  expect(second.digest).toBe(first.digest);
  expect(await readFile(join(project.folder, "models/lock.json"), "utf8")).toBe(lock);
});
