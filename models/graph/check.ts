import { checkDecoder, ENCODED } from "./decoder.ts";
import { checkEncoder, checkInputs } from "./encoder.ts";
import { findImageInput } from "./images.ts";
import { findOutput, type OutputRole } from "./outputs.ts";
import type { Ports } from "./port.ts";

/**
 * What a graph does with a request: `encoder` reads tokens, and `states` does so for a decoder; `decoder` tells the next
 * token of a text, and `decoder-of-states` does so by what an encoder gives; `image` reads images.
 */
export type GraphKind = "encoder" | "states" | "decoder" | "decoder-of-states" | "image";

/** A graph that a task needs of a model. */
export interface GraphRow {
  /** Path in the model's folder. */
  readonly file: string;
  readonly kind: GraphKind;
  /** What the task reads of its outputs, beside those that every graph of the kind has. */
  readonly outputs: readonly OutputRole[];
}

interface GraphFacts {
  /** config.json as transformers writes it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Outputs that the spec names. */
  readonly named?: Partial<Readonly<Record<OutputRole, string | undefined>>> | undefined;
}

type Check = (graph: Ports, row: Pick<GraphRow, "outputs">, facts: GraphFacts) => void;

const decoder =
  (others: readonly string[]): Check =>
  (graph, _, { config, named }) =>
    checkDecoder(graph, { config, named: named?.tokenLogits, others });

const CHECKS: Readonly<Record<GraphKind, Check>> = {
  encoder: (graph, { outputs }, { named }) => checkEncoder(graph, outputs, named),
  states({ inputs, outputs }) {
    checkInputs(inputs);
    findOutput("vectors", outputs, undefined);
  },
  decoder: decoder([]),
  "decoder-of-states": decoder(ENCODED),
  image({ inputs, outputs }, row, { named }) {
    findImageInput(inputs);
    for (const role of row.outputs) findOutput(role, outputs, named?.[role]);
  },
};

/** @throws Error when a graph cannot be fed with what its task has, or lacks an output */
export const checkGraph = (row: GraphRow, graph: Ports, facts: GraphFacts): void =>
  CHECKS[row.kind](graph, row, facts);
