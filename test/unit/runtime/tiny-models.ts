import type { Graph } from "../../../runtime/graph.ts";
import type { Memory } from "../../../runtime/memory.ts";
import type { Model } from "../../../runtime/model.ts";
import { type Models, modelSet } from "../../../runtime/models.ts";
import { tinyGraph, tinyModel } from "./tiny-model.ts";

/** Memory that never ends. */
export const ENDLESS: Memory = { hasRoomFor: () => true, measured: (_, open) => open() };

/** The tiny model under the name `tiny`. */
export function tinyModels(graph: Graph = tinyGraph(), changes: Partial<Model> = {}): Models {
  const open = async () => tinyModel(graph, changes);
  return modelSet({ names: ["tiny"], fallback: undefined, open, memory: ENDLESS });
}
