import type { ModelSpec } from "../../../models/spec.ts";
import type { Recipe } from "../../catalog.ts";

/** How the answers of a kind of models are compared (images/model/figures.py). */
type GateKind = "embedding" | "classes" | "tokens";

type Limits = ModelSpec["gate"];

/** The figures that are judged of each kind. */
const FIGURES: Readonly<Record<GateKind, readonly (keyof Limits)[]>> = {
  embedding: ["cosine"],
  classes: ["agreement", "shift"],
  tokens: ["agreement", "kl"],
};

const KINDS: Readonly<Record<string, GateKind>> = {
  "feature-extraction": "embedding",
  "sentence-similarity": "embedding",
  "fill-mask": "tokens",
  summarization: "tokens",
  "text-generation": "tokens",
  translation: "tokens",
};

/** What an optimization may change: the order of additions. */
const EXACT: Limits = { cosine: 0.9999, agreement: 0.999, shift: 0.001, kl: 0.0001 };

interface Gated {
  readonly spec: Pick<ModelSpec, "task" | "gate">;
  readonly recipe: Pick<Recipe, "method">;
}

/** How a task's models are compared; a task that is not listed chooses among classes. */
export const gateKind = (task: string): GateKind => KINDS[task] ?? "classes";

/** How near the answers must be to those of the source. */
export const gateLimits = ({ spec, recipe }: Gated): Limits => (recipe.method === "keep" ? EXACT : spec.gate);

/** The limits that a model has kept, by figure: equal wherever it is built, as what was measured is not. */
export const gateFigures = (gated: Gated): [figure: string, limit: number][] =>
  FIGURES[gateKind(gated.spec.task)].map((figure) => [figure, gateLimits(gated)[figure]]);
