import type { Circumstances, Parameters, Rules } from "../../../../../build/smoke/checks/check.ts";
import { modelSpec } from "../../../../../models/spec.ts";

const { normalize, gate } = modelSpec.parse({
  normalize: true,
  task: "feature-extraction",
  source: "file:weights",
  files: { "model.onnx": "model.onnx" },
});

/** The rules of a spec that has its defaults. */
export const RULES: Rules = { normalize, tolerance: 1e-3, gate };

/** What an answer was asked for, with nothing expected unless it is said. */
export const circumstances = (
  input: unknown,
  {
    parameters = {},
    rules = {},
    compared = false,
  }: { parameters?: Parameters; rules?: Partial<Rules>; compared?: boolean } = {},
): Circumstances<unknown> => ({ input, parameters, rules: { ...RULES, ...rules }, compared });
