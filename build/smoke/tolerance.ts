import type { ModelSpec } from "../../models/spec.ts";
import { ARCHES, names, QUANTIZATIONS } from "../catalog.ts";
import { oneOf } from "../known-names.ts";
import type { Variant } from "../plan/variant.ts";

const DEFAULT = "default";
const USUAL = 1e-3;
const NAMES = [DEFAULT, ...names(ARCHES), ...names(QUANTIZATIONS)];

/**
 * How far a number of a reply may be from the expected one, for a model in its number format on its architecture. `own` is
 * set where the spec names the quantization, so that its numbers are compared beside its gate.
 * @throws UserError (exit 2) for a name that is neither an architecture nor a quantization
 */
export function toleranceOf(
  { tolerance }: Pick<ModelSpec, "tolerance">,
  { arch, quantization }: Pick<Variant, "arch" | "quantization">,
): { readonly tolerance: number; readonly own: boolean } {
  if (typeof tolerance === "number") return { tolerance, own: false };
  for (const name of Object.keys(tolerance))
    oneOf("architecture or quantization in `tolerance`", name, NAMES);
  const named = [arch, quantization].flatMap((name) => tolerance[name] ?? []);
  const own = tolerance[quantization] !== undefined;
  return { tolerance: named.length > 0 ? Math.max(...named) : (tolerance[DEFAULT] ?? USUAL), own };
}
