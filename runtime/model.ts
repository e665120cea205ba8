import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelManifest } from "../models/spec.ts";
import { type ModelConfig, readOptional } from "./config.ts";
import { chatIn } from "./generation/chat.ts";
import type { ChatMessage } from "./generation/prompts.ts";
import type { Graph } from "./graph.ts";
import { openSession } from "./session.ts";
import { taskNamed } from "./tasks/index.ts";
import type { Task } from "./tasks/task.ts";
import { openTokenizer, type TextTokenizer } from "./tokenizer.ts";
import { newWork } from "./work.ts";

/** A model ready to answer. */
export interface Model {
  readonly manifest: ModelManifest;
  /** config.json and generation_config.json as transformers writes them; empty when the model has none. */
  readonly config: ModelConfig;
  /** The first of its graphs, for most tasks the only one. */
  readonly graph: Graph;
  readonly graphs: readonly Graph[];
  readonly tokenizer: TextTokenizer;
  readonly task: Task;
  /** Puts a chat into the model's words; throws for a model without a chat template. */
  readonly chat: (messages: readonly ChatMessage[]) => string;
}

/**
 * Opens the model in `folder` (mkimage.json, its graphs, tokenizer.json, config.json) and answers once with it, so that
 * the first request finds every buffer allocated and every function compiled.
 */
export async function openModel(folder: string, threads: number): Promise<Model> {
  const manifest: ModelManifest = JSON.parse(await readFile(join(folder, "mkimage.json"), "utf8"));
  const task = taskNamed(manifest.task);
  const { graphs: files = ["model.onnx"], tokenizes = true } = task;
  const [config, generation, tokenizer, ...graphs] = await Promise.all([
    readOptional(folder, "config.json"),
    readOptional(folder, "generation_config.json"),
    tokenizes ? openTokenizer(folder) : (undefined as never),
    ...files.map((file) => openSession(join(folder, file), threads)),
  ]);
  const chat = (messages: readonly ChatMessage[]) => chatIn(folder, tokenizer)(messages);
  const all = { ...config, ...generation };
  const model = { manifest, config: all, tokenizer, graph: graphs[0] as Graph, graphs, task, chat };
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
