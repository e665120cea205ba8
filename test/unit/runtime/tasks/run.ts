import type { ImageModel, Model, TextModel } from "../../../../runtime/model/model.ts";
import type { Graph } from "../../../../runtime/onnx/graph.ts";
import { readRequest } from "../../../../runtime/request/request.ts";
import { checkModel } from "../../../../runtime/serving/check-model.ts";
import { taskNamed } from "../../../../runtime/tasks/index.ts";
import { tinyModel, work } from "../../../support/tiny-model.ts";

type TaskName = Model["manifest"]["task"];

/** A task with the tiny tokenizer and a graph of one's own; texts have at most 12 tokens. */
export function taskWith(name: TaskName, graph: Graph, changes: Partial<TextModel & ImageModel> = {}) {
  const base = tinyModel(graph, { task: taskNamed(name), ...changes });
  const model: Model = { ...base, manifest: { ...base.manifest, task: name, maxTokens: 12 } };
  return {
    check: () => checkModel(model),
    warmUp: () =>
      model.task.run(model, { ...readRequest({ inputs: "" }), ...model.task.warmUp(model) }, work()),
    run: (payload: unknown): Promise<unknown> => model.task.run(model, readRequest(payload), work()),
  };
}
