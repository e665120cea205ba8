import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { listModels, modelSet } from "../../../runtime/models.ts";
import { tinyModel } from "./tiny-model.ts";

test("models are the folders with a manifest, in alphabetical order", async () => {
  const root = await mkdtemp(join(tmpdir(), "mkimage-models-"));
  for (const name of ["b", "a", "not-a-model"]) await mkdir(join(root, name));
  for (const name of ["b", "a"]) await writeFile(join(root, name, "mkimage.json"), "{}");
  await writeFile(join(root, "file"), "");
  expect(listModels(root)).toEqual(["a", "b"]);
  expect(listModels(join(root, "nowhere"))).toEqual([]);
  await rm(root, { recursive: true });
});

test("a model is opened at its first use and kept", async () => {
  const open = vi.fn(async (_name: string) => tinyModel());
  const models = modelSet(["a", "b"], undefined, open);
  expect(open).not.toHaveBeenCalled();
  const [first, again] = await Promise.all([models.get(), models.get("a")]);
  expect(again).toBe(first);
  await models.get("b");
  expect(open.mock.calls).toEqual([["a"], ["b"]]);
});

test("MKIMAGE_MODEL names the default; empty counts as unset", async () => {
  const open = vi.fn(async (_name: string) => tinyModel());
  await modelSet(["a", "b"], "b", open).get();
  await modelSet(["a", "b"], "", open).get();
  expect(open.mock.calls).toEqual([["b"], ["a"]]);
});

test("a model that failed to open is tried again", async () => {
  const open = vi.fn(async (_name: string) => tinyModel()).mockRejectedValueOnce(new Error("disk"));
  const models = modelSet(["a"], undefined, open);
  await expect(models.get()).rejects.toThrow("disk");
  await expect(models.get()).resolves.toBeDefined();
});

test("an unknown model is the caller's mistake: the nearest name and all there are", async () => {
  const models = modelSet(["minilm", "gpt2"], undefined, async () => tinyModel());
  await expect(models.get("minilm2")).rejects.toMatchObject({
    field: "model",
    message: 'model: no "minilm2" here; did you mean minilm? (minilm, gpt2)',
  });
  await expect(models.get("")).rejects.toMatchObject({ field: "model" });
});

test("no model, or a default that is not there, stops the start", () => {
  const open = async () => tinyModel();
  expect(() => modelSet([], undefined, open)).toThrow("no model in this image");
  expect(() => modelSet(["a"], "b", open)).toThrow('MKIMAGE_MODEL is "b", and this image has a');
});
