import type { ModelSpec } from "../../../models/spec.ts";
import { type GateKind, taskRow } from "../../../models/tasks.ts";
import type { Recipe } from "../../catalog.ts";

type Limits = ModelSpec["gate"];

/** The figures that are judged of each kind. */
const FIGURES: Readonly<Record<GateKind, readonly (keyof Limits)[]>> = {
  embedding: ["cosine"],
  classes: ["agreement", "shift"],
  tokens: ["agreement", "kl"],
};

/** What an optimization may change: the order of additions. */
const EXACT: Limits = { cosine: 0.9999, agreement: 0.999, shift: 0.001, kl: 0.0001 };

interface Gated {
  readonly spec: Pick<ModelSpec, "task" | "gate">;
  readonly recipe: Pick<Recipe, "method">;
}

/** How near the answers must be to those of the source. */
export const gateLimits = ({ spec, recipe }: Gated): Limits => (recipe.method === "keep" ? EXACT : spec.gate);

/** The limits that a model has kept, by figure: equal wherever it is built, as what was measured is not. */
export const gateFigures = (gated: Gated): [figure: string, limit: number][] =>
  FIGURES[taskRow(gated.spec.task).gate].map((figure) => [figure, gateLimits(gated)[figure]]);
