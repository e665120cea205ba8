import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cacheRoot } from "../../build/cache.ts";
import { freshBuilder } from "./support/builder.ts";
import { mkimageJson } from "./support/mkimage.ts";
import { makeProject } from "./support/project.ts";

interface Built {
  reference: string;
  digest: string;
  configDigest: string;
}

test("two builds from one lock on two builders that know nothing give the same image", async () => {
  const project = await makeProject();
  onTestFinished(() => project.remove());
  await mkimageJson(["lock", "--bases"], { cwd: project.folder });
  const lock = await readFile(join(project.folder, "models/lock.json"), "utf8");

  const build = async (which: string): Promise<Built> => {
    const builder = await freshBuilder();
    try {
      // A cache of its own, so that not even the files' times are the same.
      const cache = join(project.folder, `cache-${which}`);
      await mkdir(cache);
      await cp(join(cacheRoot(), "blobs"), join(cache, "blobs"), { recursive: true });
      const args = [
        "build",
        "--frozen",
        "--os",
        "debian",
        "--arch",
        "amd64",
        "--output",
        `oci=${join(project.folder, which)}`,
      ];
      const [built] = await mkimageJson<[Built]>(args, {
        cwd: project.folder,
        env: { ...builder.env, MKIMAGE_CACHE: cache },
      });
      return built;
    } finally {
      await builder.remove();
    }
  };
  const first = await build("first");
  const second = await build("second");
  expect(second.configDigest).toBe(first.configDigest);
  expect(second.digest).toBe(first.digest);
  expect(await readFile(join(project.folder, "models/lock.json"), "utf8")).toBe(lock);
});
