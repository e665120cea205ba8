import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { Image } from "../../../../build/plan/image.ts";
import { noteSources } from "../../../../build/up/changes.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { configOf, MINIMAL } from "../../../support/plan-facts.ts";

async function project() {
  const config = await configOf(
    MINIMAL,
    {},
    {
      "models/minilm.json": "{}",
      "models/lock.json": "{}",
      "src/handler.ts": "export {}",
      "README.md": "a",
    },
  );
  // What the builder gets of a handler is a copy with the same paths.
  const sources = await temporaryFolder({ "src/handler.ts": "export {}" });
  const images = [
    { handler: { project: config.project, file: "src/handler.ts", sources } },
  ] as unknown as Image[];
  return { config, images };
}

test.each(["mkimage.json", "models/minilm.json", "models/new.json", "src/handler.ts"])(
  "a change of %s ends the wait",
  async (path) => {
    const { config, images } = await project();
    const changed = await noteSources(config, images);
    const place = join(config.project, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, "another, longer text");
    await changed(AbortSignal.timeout(10_000));
  },
);

test("so does a file that goes", async () => {
  const { config, images } = await project();
  const changed = await noteSources(config, images);
  await rm(join(config.project, "models/minilm.json"));
  await changed(AbortSignal.timeout(10_000));
});

test.each(["models/lock.json", "README.md"])("a change of %s does not, and an abort does", async (path) => {
  const { config, images } = await project();
  const changed = await noteSources(config, images);
  await writeFile(join(config.project, path), "another, longer text");
  await expect(changed(AbortSignal.timeout(1500))).rejects.toThrow();
});
