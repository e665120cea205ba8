import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelManifest } from "../models/spec.ts";
import type { Graph } from "./graph.ts";
import { openSession } from "./session.ts";
import { taskNamed } from "./tasks/index.ts";
import type { Task } from "./tasks/task.ts";
import { openTokenizer, type TextTokenizer } from "./tokenizer.ts";

/** A model ready to answer. */
export interface Model {
  readonly manifest: ModelManifest;
  readonly graph: Graph;
  readonly tokenizer: TextTokenizer;
  readonly task: Task;
}

/**
 * Opens the model in `folder` (model.onnx, tokenizer.json, mkimage.json) and answers once with it, so that the first
 * request finds every buffer allocated and every function compiled.
 */
export async function openModel(folder: string, threads: number): Promise<Model> {
  const [manifest, tokenizer, graph] = await Promise.all([
    readFile(join(folder, "mkimage.json"), "utf8").then((json): ModelManifest => JSON.parse(json)),
    openTokenizer(folder),
    openSession(join(folder, "model.onnx"), threads),
  ]);
  const task = taskNamed(manifest.task);
  const model = { manifest, tokenizer, graph, task };
  task.check(model);
  const request = { inputs: task.warmUp, parameters: {}, model: undefined, pathOf: (name: string) => name };
  await task.run(model, request, () => {});
  return model;
}
