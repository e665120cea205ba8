import type { FunctionConfig } from "../config/config.ts";
import type { Figures } from "./figures.ts";

/** The matrix of a project. */
interface Matrix {
  readonly os: readonly string[];
  readonly arch: readonly string[];
  readonly quantization: readonly string[];
}

const AXES = ["os", "arch", "quantization"] as const;

/**
 * The measured cell that mkimage.json deploys today; undefined where it does not say which, or that one was not measured.
 */
export function presentCell(
  cells: readonly Figures[],
  { name, memory, deploy }: Pick<FunctionConfig, "name" | "memory" | "deploy">,
  matrix: Matrix,
): Figures | undefined {
  const allowed = (axis: (typeof AXES)[number]) => (deploy[axis] ? [deploy[axis]] : matrix[axis]);
  const found = cells.filter(
    ({ cell, memoryMB }) =>
      cell.function === name &&
      cell.baseline === undefined &&
      memoryMB === memory &&
      AXES.every((axis) => allowed(axis).includes(cell[axis])),
  );
  return AXES.every((axis) => allowed(axis).length === 1) ? found[0] : undefined;
}

/** What mkimage.json has to say for a cell, as the lines to copy. */
export function configLines({ cell, memoryMB }: Figures, quantizations: readonly string[] = []): string {
  const { os, arch, quantization } = cell;
  const missing = !quantizations.includes(quantization);
  return JSON.stringify(
    {
      functions: { [cell.function]: { memory: memoryMB, deploy: { os, arch, quantization } } },
      ...(missing &&
        quantization !== "fp32" && { quantization: [...new Set([...quantizations, quantization])] }),
    },
    null,
    2,
  );
}
