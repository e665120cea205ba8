import { findOutput, type OutputRole } from "../../models/graph/outputs.ts";
import type { Port } from "../onnx/graph.ts";
import type { Model } from "./model.ts";

export type { OutputRole };

export const outputFor = (role: OutputRole, { graph, manifest }: Pick<Model, "graph" | "manifest">): Port =>
  findOutput(role, graph.outputs, manifest.outputs?.[role]);
