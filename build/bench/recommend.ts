import { type Figures, isInput } from "./figures.ts";
import { milliseconds } from "./format.ts";
import { type Load, monthlyCost } from "./monthly.ts";
import type { Estimate } from "./statistics.ts";

/** What a function has to keep. Times are milliseconds. */
export interface Wishes {
  readonly p95?: number | undefined;
  readonly cold?: number | undefined;
  readonly accuracy?: number | undefined;
}

/** A wish that a cell does not keep. */
export interface Failing {
  readonly wish: keyof Wishes | "measured";
  /** "p95 58 ms (54 to 61), wished 50 ms" */
  readonly text: string;
  /** How far it is away: 0.2 is a fifth; Infinity where nothing is known. */
  readonly distance: number;
}

export interface Candidate {
  readonly figures: Figures;
  /** Dollars of a month; undefined without times. */
  readonly monthly: number | undefined;
  readonly failing: readonly Failing[];
}

const spread = ({ value, low, high }: Estimate): string =>
  `${milliseconds(value)} (${milliseconds(low)} to ${milliseconds(high)})`;

function slow(wish: "p95" | "cold", figure: Estimate | undefined, most: number | undefined): Failing[] {
  if (most === undefined) return [];
  const name = wish === "p95" ? "p95" : "p95 of cold starts";
  if (!figure) return [{ wish, text: `${name} was not measured`, distance: Number.POSITIVE_INFINITY }];
  if (figure.high <= most) return [];
  const doubt = figure.value <= most ? ": it may be more than that; measure longer" : "";
  return [
    {
      wish,
      text: `${name} ${spread(figure)}, wished ${most} ms${doubt}`,
      distance: figure.high / most - 1,
    },
  ];
}

function inaccurate({ accuracy }: Figures, least: number | undefined): Failing[] {
  if (least === undefined) return [];
  if (!accuracy) {
    return [{ wish: "accuracy", text: "accuracy was not measured", distance: Number.POSITIVE_INFINITY }];
  }
  if (accuracy.value >= least) return [];
  const text = `${accuracy.metric} ${accuracy.value}, wished ${least}`;
  return [{ wish: "accuracy", text, distance: (least - accuracy.value) / least }];
}

/** What a cell fails with; a time counts by the upper end of its interval. */
export function failingOf(figures: Figures, wishes: Wishes): Failing[] {
  const unknown = (text: string): Failing[] => [
    { wish: "measured", text, distance: Number.POSITIVE_INFINITY },
  ];
  if (figures.fault !== undefined) return unknown(`it failed: ${figures.fault}`);
  if (figures.emulated)
    return unknown(`no times: emulated, so measure on a machine with ${figures.cell.arch}`);
  if (!figures.warm) return unknown("no times were measured");
  return [
    ...slow("p95", figures.warm.p95, wishes.p95),
    ...slow("cold", figures.cold?.p95, wishes.cold),
    ...inaccurate(figures, wishes.accuracy),
  ];
}

export interface Recommendation {
  /** The cheapest cell that keeps every wish. */
  readonly best: Candidate | undefined;
  /** Cells that keep them too, and whose price cannot be told from that of the best. */
  readonly equal: readonly Candidate[];
  /** The rest that keeps them, the cheapest first. */
  readonly dearer: readonly Candidate[];
  /** Those that do not, the nearest first. */
  readonly rejected: readonly Candidate[];
}

const farthest = ({ failing }: Candidate): number => Math.max(...failing.map(({ distance }) => distance));

/** The monthly price with an end of the interval of a warm request. */
function monthlyEnd({ costs }: Figures, end: "low" | "high", load: Load): number {
  const value = costs?.perMillion[end] ?? Number.NaN;
  return (
    monthlyCost({ costs: costs && { ...costs, perMillion: { ...costs.perMillion, value } } }, load) ??
    Number.NaN
  );
}

/** Chooses among cells of one function and input. Baselines are no candidates. Pure. */
export function recommend(cells: readonly Figures[], wishes: Wishes, load: Load): Recommendation {
  const candidates = cells
    .filter(({ cell }) => cell.baseline === undefined)
    .map((figures) => ({
      figures,
      monthly: monthlyCost(figures, load),
      failing: failingOf(figures, wishes),
    }));
  const [best, ...others] = candidates
    .filter(({ failing }) => failing.length === 0)
    .sort((a, b) => (a.monthly as number) - (b.monthly as number));
  const most = best ? monthlyEnd(best.figures, "high", load) : 0;
  const isEqual = ({ figures }: Candidate): boolean => monthlyEnd(figures, "low", load) <= most;
  return {
    best,
    equal: others.filter(isEqual),
    dearer: others.filter((each) => !isEqual(each)),
    rejected: candidates
      .filter(({ failing }) => failing.length > 0)
      // Infinity less Infinity is no number: cells of which nothing is known stay in their order.
      .sort((a, b) => farthest(a) - farthest(b) || 0),
  };
}

export interface Batching {
  readonly batch: number;
  /** Dollars of a million inputs in requests with so many. */
  readonly perMillionInputs: number;
  /** The share of the price of one input alone that is saved. */
  readonly saved: number;
}

/** The cheapest measured batch of the same cell, memory size and tokens, where it is cheaper than one input alone. */
export function bestBatch(cell: Figures, all: readonly Figures[]): Batching | undefined {
  const alone = cell.costs && cell.costs.perMillion.value / cell.input.batch;
  if (alone === undefined) return undefined;
  const [best] = all
    .filter(
      (each) =>
        each.name === cell.name &&
        each.cell.function === cell.cell.function &&
        each.target === cell.target &&
        each.memoryMB === cell.memoryMB &&
        each.costs &&
        isInput(each, { tokens: cell.input.tokens, batch: each.input.batch }) &&
        each.input.batch > cell.input.batch,
    )
    .map((each) => ({
      batch: each.input.batch,
      perMillionInputs: (each.costs?.perMillion.value as number) / each.input.batch,
    }))
    .sort((a, b) => a.perMillionInputs - b.perMillionInputs);
  return best && best.perMillionInputs < alone
    ? { ...best, saved: 1 - best.perMillionInputs / alone }
    : undefined;
}
