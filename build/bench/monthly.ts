import type { Costs } from "./figures.ts";
import { MONTH } from "./wishes.ts";

/** How much a function is called. */
export interface Load {
  /** Requests per second, on average. */
  readonly rate: number;
  /** The share of requests that start an environment. */
  readonly coldShare: number;
}

/** Dollars of a month on demand: warm requests, and what starts cost beyond them. Undefined without times. */
export function monthlyCost(
  { costs }: { readonly costs?: Costs | undefined },
  { rate, coldShare }: Load,
): number | undefined {
  if (!costs) return undefined;
  const warm = costs.perMillion.value / 1e6;
  const start = Math.max(0, (costs.perColdStart ?? warm) - warm);
  return rate * MONTH * (warm + coldShare * start);
}
