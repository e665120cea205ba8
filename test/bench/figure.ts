import { parseArgs } from "node:util";

/** A figure of the README: what it costs with mkimage against what it is compared with, both measured in one run. */
export interface Figure {
  readonly name: string;
  readonly against: string;
  readonly ours: number;
  readonly theirs: number;
  readonly unit: "s" | "ms" | "MB";
  /** Largest ratio that meets the goal. */
  readonly goal: number;
}

export const ratioOf = ({ ours, theirs }: Figure): number => ours / theirs;
export const isMet = (figure: Figure): boolean => ratioOf(figure) <= figure.goal;

/** `one arm64 cell: 11.2 s, the usual Dockerfile under QEMU: 79.0 s = 0.14 × (goal ≤ 0.25 ×: met)` */
export function describeFigure(figure: Figure): string {
  const { name, against, ours, theirs, unit, goal } = figure;
  const verdict = isMet(figure) ? "met" : "MISSED";
  const sides = `${name}: ${ours.toFixed(1)} ${unit}, ${against}: ${theirs.toFixed(1)} ${unit}`;
  return `${sides} = ${ratioOf(figure).toFixed(2)} × (goal ≤ ${goal.toFixed(2)} ×: ${verdict})`;
}

/** Prints figures as `--json` asks, and with `--check` ends with 1 when a goal is missed. */
export function report(figures: readonly Figure[]): void {
  const { values } = parseArgs({
    options: { check: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
  });
  const rows = figures.map((figure) => ({ ...figure, ratio: ratioOf(figure), met: isMet(figure) }));
  const lines = values.json ? JSON.stringify(rows, null, 2) : figures.map(describeFigure).join("\n");
  process.stdout.write(`${lines}\n`);
  if (values.check && !figures.every(isMet)) process.exitCode = 1;
}

/** How long it takes, in seconds. */
export async function seconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}
