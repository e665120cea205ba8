import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelManifest } from "../models/spec.ts";
import { type ModelConfig, readOptional } from "./config.ts";
import type { Graph } from "./graph.ts";
import { openSession } from "./session.ts";
import { taskNamed } from "./tasks/index.ts";
import type { Task } from "./tasks/task.ts";
import { openTokenizer, type TextTokenizer } from "./tokenizer.ts";
import { newWork } from "./work.ts";

/** A model ready to answer. */
export interface Model {
  readonly manifest: ModelManifest;
  /** config.json as transformers writes it; empty when the model has none. */
  readonly config: ModelConfig;
  /** The first of its graphs, for most tasks the only one. */
  readonly graph: Graph;
  readonly graphs: readonly Graph[];
  readonly tokenizer: TextTokenizer;
  readonly task: Task;
}

/**
 * Opens the model in `folder` (mkimage.json, its graphs, tokenizer.json, config.json) and answers once with it, so that
 * the first request finds every buffer allocated and every function compiled.
 */
export async function openModel(folder: string, threads: number): Promise<Model> {
  const manifest: ModelManifest = JSON.parse(await readFile(join(folder, "mkimage.json"), "utf8"));
  const task = taskNamed(manifest.task);
  const { graphs: files = ["model.onnx"], tokenizes = true } = task;
  const [config, tokenizer, ...graphs] = await Promise.all([
    readOptional(folder, "config.json"),
    tokenizes ? openTokenizer(folder) : (undefined as never),
    ...files.map((file) => openSession(join(folder, file), threads)),
  ]);
  const model = { manifest, config, tokenizer, graph: graphs[0] as Graph, graphs, task };
  task.check(model);
  await warmUp(model);
  return model;
}

async function warmUp(model: Model): Promise<void> {
  const request = {
    parameters: {},
    model: undefined,
    server: false,
    stream: false,
    pathOf: (name: string) => name,
  };
  await model.task.run(
    model,
    { ...request, ...model.task.warmUp(model) },
    newWork(() => {}),
  );
}
