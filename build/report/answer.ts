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
