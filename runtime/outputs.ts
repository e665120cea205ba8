import type { GraphOutput } from "./graph.ts";

/** Names that exporters give to an encoder's vectors, the most telling first. */
const KNOWN = ["last_hidden_state", "token_embeddings", "sentence_embedding"];

/**
 * The output that holds an encoder's vectors: by the exporters' usual names, else
 * by shape (exports call it `output` or `463`): floats per token [batch, tokens, dims], else per text
 * [batch, dims]. Logits are not vectors of the text and never taken by shape.
 */
export function vectorOutput(outputs: readonly GraphOutput[]): GraphOutput {
  const ofRank = (rank: number) =>
    outputs.find(
      ({ name, type, shape }) => type === "float32" && shape.length === rank && !name.includes("logits"),
    );
  const named = KNOWN.map((name) => outputs.find((output) => output.name === name));
  const found = named.find((output) => output !== undefined) ?? ofRank(3) ?? ofRank(2);
  if (found) return found;
  const there = outputs.map(({ name, type, shape }) => `${name}: ${type}[${shape.join(", ")}]`).join("; ");
  throw new Error(`the graph gives no vectors: its outputs are ${there}`);
}
