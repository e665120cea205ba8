import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { watchSources } from "../../../../build/up/changes.ts";
import { configOf, MINIMAL } from "../../../support/plan-facts.ts";

const OWN_HANDLER = { functions: { embed: { model: "minilm", handler: "src/handler.ts" } } };
const FILES = {
  "models/minilm.json": "{}",
  "models/lock.json": "{}",
  "src/handler.ts": "export {}",
  "src/node_modules/left/index.js": "",
  "README.md": "a",
};

const project = async (content: object = OWN_HANDLER) => {
  const { project: folder, ...config } = await configOf(content, {}, FILES);
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  return { folder, write, changed: await watchSources({ ...config, project: folder }) };
};

const soon = () => AbortSignal.timeout(10_000);

test.each([
  "mkimage.json",
  "models/minilm.json",
  "models/new.json",
  "src/handler.ts",
  // A build may have failed for what is not there yet.
  "src/imported/later.ts",
  "src/package-lock.json",
  "src/.npmrc",
])("a change of %s ends the wait", async (path) => {
  const { changed, write } = await project();
  await write(path, "another, longer text");
  await changed(soon());
});

test("so does a handler that comes into being", async () => {
  const { changed, write } = await project(MINIMAL);
  await write("handler.ts", "export {}");
  await changed(soon());
});

test("a handler that mkimage.json names later is looked at from then on", async () => {
  const { changed, write } = await project(MINIMAL);
  await write("mkimage.json", JSON.stringify(OWN_HANDLER));
  await changed(soon());
  await write("src/handler.ts", "another, longer text");
  await changed(soon());
});

test("a change between two waits ends the second one", async () => {
  const { changed, write } = await project();
  await write("src/handler.ts", "another, longer text");
  await changed(soon());
  await write("src/handler.ts", "a third text, the longest of them");
  await changed(soon());
});

test("so does a file that goes", async () => {
  const { changed, folder } = await project();
  await rm(join(folder, "models/minilm.json"));
  await changed(soon());
});

test.each(["models/lock.json", "README.md", "src/node_modules/left/index.js"])(
  "a change of %s does not, and an abort does",
  async (path) => {
    const { changed, write } = await project();
    await write(path, "another, longer text");
    await expect(changed(AbortSignal.timeout(1500))).rejects.toThrow();
  },
);
