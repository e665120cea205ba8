import type { TextModel } from "../../runtime/model/model.ts";
import type { Graph } from "../../runtime/onnx/graph.ts";
import type { Memory } from "../../runtime/serving/memory.ts";
import { type Models, modelPool } from "../../runtime/serving/model-pool.ts";
import { tinyGraph, tinyModel } from "./tiny-model.ts";

/** Memory that never ends. */
export const ENDLESS: Memory = { hasRoomFor: () => true, measured: (_, open) => open() };

/** The tiny model under the name `tiny`. */
export function tinyModels(graph: Graph = tinyGraph(), changes: Partial<TextModel> = {}): Models {
  const open = async () => tinyModel(graph, changes);
  return modelPool({ names: ["tiny"], fallback: undefined, open, memory: ENDLESS });
}
