import { checkGraph, type GraphKind, type GraphRow } from "../../../models/graph/check.ts";
import type { OutputRole } from "../../../models/graph/outputs.ts";
import { listed, type Port } from "../../../models/graph/port.ts";
import type { ModelSpec } from "../../../models/spec.ts";
import { taskRow } from "../../../models/tasks.ts";
import { UserError } from "../../errors.ts";
import type { FilePort, OnnxFile } from "./onnx-file.ts";
import type { SideFiles } from "./sentence-transformers.ts";

/** Files that say what size a decoder's cache has, the last one first. */
export const CONFIGS = ["config.json", "generation_config.json"] as const;

const DECODER =
  "tokens, and with a cache past_key_values.*, as inputs, and scores [batch, tokens, vocabulary] and present.*";
const SPAN = "two scores [batch, tokens]";

const OUTPUTS: Readonly<Record<OutputRole, string>> = {
  vectors: "vectors [batch, tokens, size] or [batch, size]",
  logits: "scores [batch, classes]",
  tokenLogits: "scores [batch, tokens, classes]",
  startLogits: SPAN,
  endLogits: SPAN,
};

/** What a graph has to take and give, for someone who is to export another one. */
const NEEDED: Readonly<Record<GraphKind, (outputs: string) => string>> = {
  encoder: (outputs) => `tokens as inputs (input_ids, attention_mask …) and ${outputs}`,
  states: () => "tokens as inputs and their states [batch, tokens, size]",
  decoder: () => DECODER,
  "decoder-of-states": () => DECODER,
  image: (outputs) => `one input of floats [batch, 3, height, width] and ${outputs}`,
};

const neededFor = ({ kind, outputs }: GraphRow): string =>
  NEEDED[kind]([...new Set(outputs.map((role) => OUTPUTS[role]))].join(" and "));

const isKnown = (port: FilePort): port is Port => port.type !== undefined && port.shape !== undefined;

export interface Fit {
  readonly name: string;
  readonly spec: Pick<ModelSpec, "task" | "outputs">;
  /** Path in the model's folder → what the file says; those that can be read. */
  readonly graphs: Readonly<Record<string, Pick<OnnxFile, "inputs" | "outputs">>>;
  readonly files: SideFiles;
}

/**
 * Refuses a text task without a tokenizer, before anything is fetched.
 * @throws UserError (exit 2) with what the spec has
 */
export function requireTokenizer(name: string, { task, files }: Pick<ModelSpec, "task" | "files">): void {
  if (taskRow(task).preprocessing !== "tokenizer" || Object.hasOwn(files, "tokenizer.json")) return;
  throw new UserError(`models/${name}.json has no tokenizer.json among its files, and ${task} needs it`, {
    hint: `It has: ${Object.keys(files).join(", ")}. transformers writes one by save_pretrained of the fast tokenizer.`,
  });
}

/**
 * Refuses a graph that cannot do the spec's task, before anything is made of it. A graph that does not say the type or shape
 * of all its inputs and outputs is left to the runtime, for which ONNX Runtime infers them.
 * @throws UserError (exit 2) with the spec, the file, what it has, and what the task needs
 */
export function requireFit({ name, spec, graphs, files }: Fit): void {
  const { task, outputs: named } = spec;
  const config = Object.assign({}, ...CONFIGS.map((file) => files[file]));
  for (const row of taskRow(task).graphs) {
    const { file } = row;
    const { inputs = [], outputs = [] } = graphs[file] ?? {};
    if (!graphs[file] || !inputs.every(isKnown) || !outputs.every(isKnown)) continue;
    try {
      checkGraph(row, { inputs, outputs }, { named, config });
    } catch (error) {
      throw new UserError(
        `Model "${name}" cannot do ${task} with ${file}: ${(error as Error).message}\n` +
          `  its inputs: ${listed(inputs)}\n  its outputs: ${listed(outputs)}\n  needed: ${neededFor(row)}`,
        {
          hint: `Choose another task (--task, or \`task\` in models/${name}.json) or graph (--onnx, or \`files\` there), or export the model for ${task}.`,
          cause: error,
        },
      );
    }
  }
}
