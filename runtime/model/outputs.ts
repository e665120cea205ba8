import { findOutput, type OutputRole } from "../../models/graph/outputs.ts";
import type { Port } from "../onnx/graph.ts";
import type { Model } from "./model.ts";

export type { OutputRole };

/** The output of a model's graph with that role. */
export const outputFor = (role: OutputRole, { graph, manifest }: Pick<Model, "graph" | "manifest">): Port =>
  findOutput(role, graph.outputs, manifest.outputs?.[role]);
