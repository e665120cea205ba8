import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Model } from "../../../../runtime/model/model.ts";
import type { Memory } from "../../../../runtime/serving/memory.ts";
import { listModels, modelPool } from "../../../../runtime/serving/model-pool.ts";
import { tinyGraph, tinyModel } from "../../../support/tiny-model.ts";
import { ENDLESS } from "../../../support/tiny-models.ts";

test("models are the folders with a manifest, in alphabetical order", async () => {
  const root = await mkdtemp(join(tmpdir(), "mkimage-models-"));
  for (const name of ["b", "a", "not-a-model"]) await mkdir(join(root, name));
  for (const name of ["b", "a"]) await writeFile(join(root, name, "mkimage.json"), "{}");
  await writeFile(join(root, "file"), "");
  expect(listModels(root)).toEqual(["a", "b"]);
  expect(listModels(join(root, "nowhere"))).toEqual([]);
  await rm(root, { recursive: true });
});

/** A set of models whose opening and closing is written down; `slots` of them fit into memory. */
function watched(names: string[], { fallback, slots = 9 }: { fallback?: string; slots?: number } = {}) {
  const events: string[] = [];
  const inMemory = new Set<string>();
  const memory: Memory = { ...ENDLESS, hasRoomFor: () => inMemory.size < slots };
  const open = vi.fn(async (name: string): Promise<Model> => {
    events.push(`open ${name}`);
    inMemory.add(name);
    const close = async () => {
      events.push(`close ${name}`);
      inMemory.delete(name);
    };
    return tinyModel({ ...tinyGraph(), close });
  });
  return { models: modelPool({ names, fallback, open, memory }), events, open };
}

test("a model is opened at its first use and kept", async () => {
  const { models, events } = watched(["a", "b"]);
  expect(events).toEqual([]);
  const [first, again] = await Promise.all([models.use(), models.use("a")]);
  expect(again.model).toBe(first.model);
  await models.use("b");
  expect(events).toEqual(["open a", "open b"]);
  expect(models.opened()).toEqual(["a", "b"]);
});

test("MKIMAGE_MODEL names the default; empty counts as unset", async () => {
  expect(watched(["a", "b"], { fallback: "b" }).models.fallback).toBe("b");
  expect(watched(["a", "b"], { fallback: "" }).models.fallback).toBe("a");
});

test("when memory is short, the model not used for longest is closed first", async () => {
  const { models, events } = watched(["a", "b", "c"], { slots: 2 });
  for (const name of ["a", "b", "a", "c", "b"]) (await models.use(name)).release();
  expect(events).toEqual(["open a", "open b", "close b", "open c", "close a", "open b"]);
});

test("a model in use is not closed; the other has to come again", async () => {
  const { models, events } = watched(["a", "b"], { slots: 1 });
  const lease = await models.use("a");
  await expect(models.use("b")).rejects.toMatchObject({ name: "TooManyRequests", status: 429 });
  lease.release();
  lease.release();
  (await models.use("b")).release();
  expect(events).toEqual(["open a", "close a", "open b"]);
});

test("a model larger than the memory is opened when it is the only one", async () => {
  const { models } = watched(["a"], { slots: 0 });
  await expect(models.use()).resolves.toBeDefined();
});

test("a model that failed to open is tried again", async () => {
  const { models, open } = watched(["a"]);
  open.mockRejectedValueOnce(new Error("disk"));
  await expect(models.use()).rejects.toThrow("disk");
  await expect(models.use()).resolves.toBeDefined();
});

test("an unknown model is the caller's mistake: the nearest name and all there are", async () => {
  const { models } = watched(["minilm", "gpt2"]);
  await expect(models.use("minilm2")).rejects.toMatchObject({
    field: "model",
    message: 'model: no model "minilm2"; did you mean minilm? (minilm, gpt2)',
  });
  await expect(models.use("")).rejects.toMatchObject({ field: "model" });
});

test("no model, or a default that is not there, stops the start", () => {
  expect(() => watched([])).toThrow("no model in this image");
  expect(() => watched(["a"], { fallback: "b" })).toThrow('MKIMAGE_MODEL is "b", and this image has a');
});
