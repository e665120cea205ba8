import type { Figures } from "../bench/figures.ts";
import { dollars, milliseconds } from "../bench/format.ts";
import { formatBytes } from "../output.ts";

/** A cell that is the best in something. */
export interface Best {
  readonly title: string;
  /** "$0.43 per million" */
  readonly figure: string;
  readonly figures: Figures;
}

const least = (all: readonly Figures[], by: (each: Figures) => number | undefined): Figures | undefined =>
  all.reduce<Figures | undefined>(
    (best, each) => ((by(each) ?? Infinity) < ((best && by(best)) ?? Infinity) ? each : best),
    undefined,
  );

const placeOf = ({ name, memoryMB }: Figures): string => `${name} at ${memoryMB} MB`;

/** The cells that are the cheapest, the fastest, the quickest to start and the smallest; baselines are none. */
export function bestCells(all: readonly Figures[]): Best[] {
  const own = all.filter(({ cell }) => !cell.baseline);
  const cheapest = least(own, ({ costs }) => costs?.perMillion.value);
  const fastest = least(own, ({ warm }) => warm?.p95?.value);
  const quickest = least(own, ({ cold }) => cold?.p50.value);
  const smallest = least(own, ({ sizes }) => sizes?.packed);
  return [
    cheapest?.costs && {
      title: "Cheapest",
      figures: cheapest,
      figure: `${dollars(cheapest.costs.perMillion.value)} per million`,
    },
    fastest?.warm?.p95 && {
      title: "Fastest",
      figures: fastest,
      figure: `p95 ${milliseconds(fastest.warm.p95.value)}`,
    },
    quickest?.cold && {
      title: "Quickest start",
      figures: quickest,
      figure: milliseconds(quickest.cold.p50.value),
    },
    smallest?.sizes && {
      title: "Smallest",
      figures: smallest,
      figure: `${formatBytes(smallest.sizes.packed)} packed`,
    },
  ].filter((best) => best !== undefined);
}

/** The short answer: "alpine-arm64 int8 at 1024 MB: $0.43 per million, p95 12 ms"; what is missing where there are no times. */
export function shortAnswer(all: readonly Figures[]): string {
  const cheapest = bestCells(all).find(({ title }) => title === "Cheapest")?.figures;
  if (!cheapest?.costs || !cheapest.warm?.p95) return "No times were measured";
  return `${placeOf(cheapest)}: ${dollars(cheapest.costs.perMillion.value)} per million, p95 ${milliseconds(cheapest.warm.p95.value)}`;
}

const times = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} times`;

/** Against each baseline at the same memory and architecture: how many times faster and smaller the fastest cell is. */
export function againstBaselines(all: readonly Figures[]): string[] {
  const baselines = Map.groupBy(
    // What another tool has measured is no baseline: it may be the same function.
    all.filter(({ cell, warm }) => cell.baseline && warm?.p95),
    ({ cell }) => cell.baseline,
  );
  return [...baselines].flatMap(([name, rows]) => {
    const base = least(rows, ({ warm }) => warm?.p50.value);
    const own = all.filter(
      ({ cell, memoryMB }) => !cell.baseline && memoryMB === base?.memoryMB && cell.arch === base.cell.arch,
    );
    const best = least(own, ({ warm }) => warm?.p50.value);
    if (!base?.warm?.p50.value || !best?.warm?.p50.value) return [];
    const ratio = base.warm.p50.value / best.warm.p50.value;
    const speed = ratio >= 1 ? `${times(ratio)} faster` : `${times(1 / ratio)} slower`;
    const start =
      base.cold && best.cold
        ? `; a cold start takes ${(best.cold.p50.value / base.cold.p50.value).toFixed(2)} of its time`
        : "";
    return [
      `Against ${name} on ${base.cell.arch} at ${base.memoryMB} MB, ${best.name} is ${speed} (p50)${start}.`,
    ];
  });
}
