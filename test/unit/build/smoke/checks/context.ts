import type { CheckContext, Limits, Parameters } from "../../../../../build/smoke/checks/check.ts";
import { modelSpec } from "../../../../../models/spec.ts";

const { normalize, gate } = modelSpec.parse({
  normalize: true,
  task: "feature-extraction",
  source: "file:weights",
  files: { "model.onnx": "model.onnx" },
});

/** The rules of a spec that has its defaults. */
export const RULES: Limits = { normalize, tolerance: 1e-3, gate };

/** What an answer was asked for, with nothing expected unless it is said. */
export const context = (
  input: unknown,
  {
    parameters = {},
    limits = {},
    compared = false,
  }: { parameters?: Parameters; limits?: Partial<Limits>; compared?: boolean } = {},
): CheckContext<unknown> => ({ input, parameters, limits: { ...RULES, ...limits }, compared });
