import { checkGraph, type GraphKind } from "../../models/graph/check.ts";
import { taskRow } from "../../models/tasks.ts";
import { checkFeeds } from "../generation/decoder.ts";
import type { Model } from "../model/model.ts";
import type { Graph } from "../onnx/graph.ts";

const nothing = () => {};

/** What only the program can tell: whether it makes tensors of the types and ranks that a graph asks for. */
const FEEDS: Readonly<Record<GraphKind, (graph: Graph) => void>> = {
  encoder: nothing,
  states: nothing,
  decoder: checkFeeds,
  "decoder-of-states": checkFeeds,
  image: nothing,
};

/** Throws when a model's files cannot serve its task. */
export function checkModel(model: Model): void {
  const { manifest, config, graphs, task } = model;
  for (const [index, row] of taskRow(manifest.task).graphs.entries()) {
    const graph = graphs[index] as Graph;
    checkGraph(row, graph, { config, named: manifest.outputs });
    FEEDS[row.kind](graph);
  }
  task.check?.(model);
}
