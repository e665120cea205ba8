import { checkDecoder, ENCODED } from "../../../models/graph/decoder.ts";
import { checkEncoder, checkInputs } from "../../../models/graph/encoder.ts";
import { findImageInput } from "../../../models/graph/images.ts";
import { findOutput, type OutputRole } from "../../../models/graph/outputs.ts";
import { listed, type Port, type Ports } from "../../../models/graph/port.ts";
import type { ModelSpec } from "../../../models/spec.ts";
import { type TaskRow, taskRow } from "../../../models/tasks.ts";
import { UserError } from "../../errors.ts";
import type { FilePort, OnnxFile } from "./onnx-file.ts";
import type { SideFiles } from "./sentence-transformers.ts";

/** Files that say what size a decoder's cache has, the last one first. */
export const CONFIGS = ["config.json", "generation_config.json"] as const;

interface Facts {
  readonly named: NonNullable<ModelSpec["outputs"]>;
  readonly config: Readonly<Record<string, unknown>>;
}

interface Need {
  /** In words, for someone who is to export another graph. */
  readonly words: string;
  /** Throws Error when the graph does not fit. */
  readonly check: (graph: Ports, facts: Facts) => void;
}

const SHAPES: Readonly<Record<OutputRole, string>> = {
  vectors: "vectors [batch, tokens, size] or [batch, size]",
  logits: "scores [batch, classes]",
  tokenLogits: "scores [batch, tokens, classes]",
  startLogits: "scores [batch, tokens] of first tokens",
  endLogits: "scores [batch, tokens] of last tokens",
};

const shapesOf = (roles: readonly OutputRole[]) => roles.map((role) => SHAPES[role]).join(" and ");

const textEncoder = (roles: readonly OutputRole[]): Need => ({
  words: `tokens as inputs (input_ids, attention_mask …) and ${shapesOf(roles)}`,
  check: (graph, { named }) => checkEncoder(graph, roles, named),
});

const imageEncoder = (roles: readonly OutputRole[]): Need => ({
  words: `one input of floats [batch, 3, height, width] and ${shapesOf(roles)}`,
  check({ inputs, outputs }, { named }) {
    findImageInput(inputs);
    for (const role of roles) findOutput(role, outputs, named[role]);
  },
});

const STATES: Need = {
  words: "tokens as inputs and their states [batch, tokens, size]",
  check({ inputs, outputs }) {
    checkInputs(inputs);
    findOutput("vectors", outputs, undefined);
  },
};

const decoder = (...others: string[]): Need => ({
  words:
    "tokens, and with a cache past_key_values.*, as inputs, and scores [batch, tokens, vocabulary] and present.*",
  check: (graph, { named, config }) => checkDecoder(graph, { config, named: named.tokenLogits, others }),
});

/** What each of a task's graphs takes and gives, in their order: what the runtime asks when it opens them. */
function needsOf({ architecture, reads, outputs }: TaskRow): readonly Need[] {
  if (architecture === "decoder") return [decoder()];
  if (architecture === "encoder-decoder") return [STATES, decoder(...ENCODED)];
  return [reads === "images" ? imageEncoder(outputs) : textEncoder(outputs)];
}

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
  if (taskRow(task).reads === "images" || Object.hasOwn(files, "tokenizer.json")) return;
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
  const { task, outputs: named = {} } = spec;
  const config = Object.assign({}, ...CONFIGS.map((file) => files[file]));
  const needs = needsOf(taskRow(task));
  for (const [index, file] of taskRow(task).graphs.entries()) {
    const { inputs = [], outputs = [] } = graphs[file] ?? {};
    const need = needs[index];
    if (!need || !graphs[file] || !inputs.every(isKnown) || !outputs.every(isKnown)) continue;
    try {
      need.check({ inputs, outputs }, { named, config });
    } catch (error) {
      throw new UserError(
        `Model "${name}" cannot do ${task} with ${file}: ${(error as Error).message}\n` +
          `  its inputs: ${listed(inputs)}\n  its outputs: ${listed(outputs)}\n  needed: ${need.words}`,
        {
          hint: `Correct \`task\` or \`files\` in models/${name}.json, or export the model for ${task}.`,
          cause: error,
        },
      );
    }
  }
}
