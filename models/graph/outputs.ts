import { listed, type Port } from "./port.ts";

/** How an output is recognized: by the exporters' usual names, the most telling first, else by its rank. */
interface Look {
  readonly names: readonly string[];
  readonly ranks: readonly number[];
  /** Which of the outputs of that rank. */
  readonly nth?: number;
  /** Names that this output never has. */
  readonly not?: RegExp;
}

/** What the tasks look for in a graph's outputs; `outputs` of a model's spec names them by these roles. */
const ROLES = {
  /** Floats per token [batch, tokens, dims], else per text [batch, dims]. */
  vectors: {
    names: ["last_hidden_state", "token_embeddings", "sentence_embedding"],
    ranks: [3, 2],
    not: /logits|mems|past|present/,
  },
  /** Scores per text [batch, labels]. */
  logits: { names: ["logits", "scores"], ranks: [2] },
  /** Scores per token [batch, tokens, labels or vocabulary]. */
  tokenLogits: { names: ["logits", "token_logits", "scores"], ranks: [3], not: /hidden|mems|past|present/ },
  /** Scores [batch, tokens] of a span's first and last token. */
  startLogits: { names: ["start_logits"], ranks: [2] },
  endLogits: { names: ["end_logits"], ranks: [2], nth: 1 },
} as const satisfies Readonly<Record<string, Look>>;

export type OutputRole = keyof typeof ROLES;

/**
 * The output with that role: as the model's spec names it, else by name, else by shape (exports call it `463`).
 * @throws Error when none fits
 */
export function findOutput(role: OutputRole, outputs: readonly Port[], named: string | undefined): Port {
  if (named !== undefined) {
    const found = outputs.find(({ name }) => name === named);
    if (found) return found;
    throw new Error(`the spec names "${named}" as ${role}, and the graph's outputs are ${listed(outputs)}`);
  }
  const { names, ranks, nth = 0, not }: Look = ROLES[role];
  const fits = outputs.filter(({ name, type }) => type.startsWith("float") && !not?.test(name));
  const byName = names.map((name) => fits.find((output) => output.name === name && ranksOf(output, ranks)));
  const byRank = ranks.map((rank) => fits.filter(({ shape }) => shape.length === rank)[nth]);
  const found = [...byName, ...byRank].find((output) => output !== undefined);
  if (found) return found;
  throw new Error(`the graph has no output for ${role}: its outputs are ${listed(outputs)}`);
}

/** A graph without shapes says nothing against a name. */
function ranksOf({ shape }: Port, ranks: readonly number[]): boolean {
  return shape.length === 0 || ranks.includes(shape.length);
}
