import type { Figures } from "./figures.ts";

/** What is compared of a cell or a baseline: medians in milliseconds. */
export interface Compared extends Pick<Figures, "name" | "memoryMB" | "input"> {
  readonly cell: Pick<Figures["cell"], "function" | "arch" | "baseline">;
  readonly warm?: number | undefined;
  readonly cold?: number | undefined;
}

/** Figures as they are compared. What another tool has measured is no baseline, since it may be the same function. */
export const comparedFigures = (all: readonly Figures[]): Compared[] =>
  all
    .filter(({ cell, warm }) => !cell.baseline || warm?.p95)
    .map(({ warm, cold, ...each }) => ({ ...each, warm: warm?.p50.value, cold: cold?.p50.value }));

const times = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} times`;

const fastest = (all: readonly Compared[]): Compared | undefined =>
  all.filter(({ warm }) => warm).toSorted((a, b) => (a.warm ?? 0) - (b.warm ?? 0))[0];

const isSameWork = (a: Compared, b: Compared): boolean =>
  a.cell.function === b.cell.function &&
  a.memoryMB === b.memoryMB &&
  a.cell.arch === b.cell.arch &&
  a.input.tokens === b.input.tokens &&
  a.input.batch === b.input.batch;

/**
 * A sentence for each baseline of each function, where it is the fastest: how many times faster the fastest cell is with the same
 * memory, architecture and input, and what its cold start takes. Pure.
 */
export function againstBaselines(all: readonly Compared[]): string[] {
  const own = all.filter(({ cell, warm }) => !cell.baseline && warm);
  const baselines = Map.groupBy(
    all.filter(({ cell }) => cell.baseline),
    ({ cell }) => JSON.stringify([cell.function, cell.baseline]),
  );
  const isOfSeveral = new Set(all.map(({ cell }) => cell.function)).size > 1;
  return [...baselines.values()].flatMap((rows) => {
    const likeOf = (base: Compared) => own.filter((each) => isSameWork(each, base));
    const base = fastest(rows.filter((row) => likeOf(row).length > 0));
    const best = base && fastest(likeOf(base));
    if (!base?.warm || !best?.warm) return [];
    const ratio = base.warm / best.warm;
    const speed = ratio >= 1 ? `${times(ratio)} faster` : `${times(1 / ratio)} slower`;
    const start =
      base.cold && best.cold ? `; a cold start takes ${(best.cold / base.cold).toFixed(2)} of its time` : "";
    const { function: name, arch, baseline } = base.cell;
    return [
      `${isOfSeveral ? `${name}: against` : "Against"} ${baseline} on ${arch} at ${base.memoryMB} MB, ${best.name} is ${speed} (p50)${start}.`,
    ];
  });
}
