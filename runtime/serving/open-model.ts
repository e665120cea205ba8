import { readFileSync } from "node:fs";
import type { ModelManifest } from "../../models/spec.ts";
import { graphFiles, type TaskRow, taskRow } from "../../models/tasks.ts";
import type { ImageModel, Model, TextModel } from "../model/model.ts";
import { readOptionalJson } from "../model-files/config.ts";
import type { Graph } from "../onnx/graph.ts";
import { openSession } from "../onnx/session.ts";
import { newWork } from "../request/work.ts";
import { taskNamed } from "../tasks/index.ts";
import { openTokenizer } from "../tokenizer/tokenizer.ts";
import { checkModel } from "./check-model.ts";
import { startTimes } from "./start-times.ts";

type Opened = Omit<TextModel, keyof Model> | Omit<ImageModel, keyof Model>;

/** What turns requests into numbers. */
const OPENERS: Readonly<
  Record<TaskRow["preprocessing"], (folder: string, threads: number) => Promise<Opened>>
> = { tokenizer: openTexts, images: openImages };

/**
 * Opens the model in `folder` (mkimage.json, its graphs, tokenizer.json, config.json) and answers one request with it,
 * so that buffers are allocated and functions compiled before the first event. Files are read synchronously: nothing
 * else can be done meanwhile, and an asynchronous read takes several turns of the event loop.
 */
export async function openModel(folder: string, threads: number): Promise<Model> {
  const manifest: ModelManifest = JSON.parse(readFileSync(`${folder}/mkimage.json`, "utf8"));
  const task = taskNamed(manifest.task);
  // First: the vocabulary is read on the thread pool while the sessions are opened.
  const reading = OPENERS[taskRow(manifest.task).preprocessing](folder, threads);
  reading.catch(() => {});
  const begun = performance.now();
  const graphs = graphFiles(manifest.task).map((file) =>
    openSession(`${folder}/${file}`, { threads, optimized: manifest.optimized }),
  );
  const config = {
    ...readOptionalJson(folder, "config.json"),
    ...readOptionalJson(folder, "generation_config.json"),
  };
  const opened = performance.now();
  const model: Model = { manifest, config, graph: graphs[0] as Graph, graphs, task, ...(await reading) };
  startTimes.session ??= opened - begun;
  startTimes.tokenizer ??= performance.now() - opened;
  checkModel(model);
  await warmUp(model);
  return model;
}

async function openTexts(folder: string): Promise<Omit<TextModel, keyof Model>> {
  const tokenizer = await openTokenizer(folder);
  return {
    tokenizer,
    async chat(messages, options) {
      // Not in the main bundle, since few models have chats: the template engine is as large as the rest of the
      // program.
      const { renderChat } = await import("../chat/chat.ts");
      return renderChat(folder, tokenizer, { messages, ...options });
    },
  };
}

async function openImages(folder: string, threads: number): Promise<Omit<ImageModel, keyof Model>> {
  // Not in the main bundle either.
  const { openImageProcessor } = await import("../image-processing/image-processor.ts");
  return { images: await openImageProcessor(folder, threads) };
}

async function warmUp(model: Model): Promise<void> {
  const request = {
    isChat: false,
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
