/** How the answers of a kind of models are compared (images/model/figures.py). */
type GateKind = "embedding" | "classes" | "tokens";

const KINDS: Readonly<Record<string, GateKind>> = {
  "feature-extraction": "embedding",
  "sentence-similarity": "embedding",
  "fill-mask": "tokens",
  summarization: "tokens",
  "text-generation": "tokens",
  translation: "tokens",
};

/** How a task's models are compared; a task that is not listed chooses among classes. */
export const gateKind = (task: string): GateKind => KINDS[task] ?? "classes";
