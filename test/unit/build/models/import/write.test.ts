import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { refusePresent, writeModel } from "../../../../../build/models/import/write.ts";
import { temporaryFolder } from "../../../../support/folder.ts";
import { refusal } from "../../../../support/refusal.ts";

const FILE = { source: "file:a", path: "model.onnx", size: 1, sha256: "a".repeat(64) };
const MODEL = {
  name: "tiny",
  spec: { task: "feature-extraction", source: "file:a", files: { "model.onnx": "model.onnx" } },
  commits: {},
  locked: { files: { "model.onnx": FILE } },
} as const;
const signal = new AbortController().signal;

/** What a folder has in the end: also what was to be moved into place. */
const filesIn = async (folder: string) => (await readdir(folder, { recursive: true })).sort();

let project: string;

beforeEach(async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
  project = await temporaryFolder();
});

test("spec, lock and a further file are written, and nothing beside them", async () => {
  const more = { path: join(project, "mkimage.json"), content: "{}\n" };
  expect(await writeModel(MODEL, { project, signal, more })).toEqual([
    "models/tiny.json",
    "models/lock.json",
  ]);
  expect(await filesIn(project)).toEqual(["mkimage.json", "models", "models/lock.json", "models/tiny.json"]);
  expect(JSON.parse(await readFile(join(project, "models/tiny.json"), "utf8"))).toEqual(MODEL.spec);
  expect(JSON.parse(await readFile(join(project, "models/lock.json"), "utf8")).models).toEqual({
    tiny: MODEL.locked,
  });
  expect(await refusal(() => refusePresent(project, "tiny"))).toMatchObject({
    exitCode: 2,
    hint: expect.stringContaining("--force"),
  });
});

test("an interrupt before the first of them leaves none", async () => {
  const more = { path: join(project, "mkimage.json"), content: "{}\n" };
  await expect(writeModel(MODEL, { project, signal: AbortSignal.abort(), more })).rejects.toThrow("abort");
  expect(await filesIn(project)).toEqual(["models"]);
});

test("a project that cannot be written to is named, and nothing is left", async () => {
  project = await temporaryFolder({ models: "a file" });
  const more = { path: join(project, "mkimage.json"), content: "{}\n" };
  expect(await refusal(() => writeModel(MODEL, { project, signal, more }))).toMatchObject({
    exitCode: 3,
    message: expect.stringContaining(`Cannot write to ${project}: `),
  });
  expect(await filesIn(project)).toEqual(["models"]);
});

test("a lock that cannot be read leaves the project as it was", async () => {
  await mkdir(join(project, "models/lock.json"), { recursive: true });
  const more = { path: join(project, "mkimage.json"), content: "{}\n" };
  expect(await refusal(() => writeModel(MODEL, { project, signal, more }))).toMatchObject({ exitCode: 2 });
  expect(await filesIn(project)).toEqual(["models", "models/lock.json"]);
});
