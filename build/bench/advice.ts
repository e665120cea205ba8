import { table } from "../output.ts";
import type { Figures } from "./figures.ts";
import { dollars, milliseconds, share } from "./format.ts";
import type { Load } from "./monthly.ts";
import type { Batching, Candidate, Recommendation, Wishes } from "./recommend.ts";

/** A recommendation with everything that is said about it. */
export interface Advice extends Recommendation {
  readonly region: string;
  readonly load: Load;
  readonly wishes: Wishes;
  /** What mkimage.json deploys today. */
  readonly present?: { readonly figures: Figures; readonly monthly: number | undefined };
  /** For mkimage.json. */
  readonly lines?: string;
  readonly batching?: Batching | undefined;
  /** Milliseconds below which the request fee is more than the time. */
  readonly feeRulesBelow?: number;
  /** Dollars of one request. */
  readonly fee?: number;
}

const placeOf = ({ name, memoryMB }: Figures): string => `${name} at ${memoryMB} MB`;

const perMillion = ({ costs }: Figures): string => {
  if (!costs) return "";
  const { value, low, high } = costs.perMillion;
  return `${dollars(value)} per million (${dollars(low)} to ${dollars(high)})`;
};

function summary({ figures, monthly }: Candidate): string {
  const { warm, cold, accuracy } = figures;
  const facts = [
    perMillion(figures),
    warm?.p95 &&
      `p95 ${milliseconds(warm.p95.value)} (${milliseconds(warm.p95.low)} to ${milliseconds(warm.p95.high)})`,
    cold && `cold start ${milliseconds(cold.p50.value)}`,
    accuracy && accuracy.metric !== "source" && `${accuracy.metric} ${accuracy.value}`,
    `${dollars(monthly ?? 0)} a month`,
  ];
  return `${placeOf(figures)}: ${facts.filter(Boolean).join(", ")}`;
}

function savingLine({ best, present, load }: Advice): string {
  if (!best) return "";
  if (!present) return "The present cell is not known: mkimage.json names none that was measured.";
  const { figures, monthly } = present;
  if (figures.key === best.figures.key) return "It is what mkimage.json deploys now.";
  if (monthly === undefined || best.monthly === undefined) {
    return `The present cell, ${placeOf(figures)}, has no times to compare with.`;
  }
  const saved = monthly - best.monthly;
  const word = saved >= 0 ? "Saves" : "Costs";
  const more = saved >= 0 ? "of" : "more than";
  return `${word} ${dollars(Math.abs(saved))} ${more} ${dollars(monthly)} a month (${share(Math.abs(saved) / monthly)}) against the present cell, ${placeOf(figures)}, at ${perDay(load.rate)} requests a day.`;
}

const perDay = (rate: number): string => Math.round(rate * 86400).toLocaleString("en-US");

function batchLine({ best, batching, feeRulesBelow: limit = 0, fee = 0 }: Advice): string {
  const { warm, costs } = best?.figures ?? {};
  if (!warm || !costs) return "";
  const rules =
    warm.p50.value < limit
      ? `The request fee of ${dollars(fee * 1e6)} per million is more than the time below ${milliseconds(limit)}: nothing that is faster saves more than ${dollars(costs.perMillion.value - fee * 1e6)}. `
      : "";
  if (batching) {
    return `${rules}${batching.batch} inputs in one request cost ${dollars(batching.perMillionInputs)} per million inputs: ${share(batching.saved)} less.`;
  }
  return rules && `${rules}Batches share the fee; measure them: mkimage bench --batch 1,8`;
}

/** Values of which the largest is above the true p95 in 95 of 100 repetitions: 1 - 0.95 ^ 59. */
const ENOUGH = 59;

/** What a percentile of few values is worth: its interval ends at the slowest of them, and the true one may be slower. */
function fewLine({ best, wishes }: Advice): string {
  const { warm, cold } = best?.figures ?? {};
  const parts = [
    wishes.p95 !== undefined && (warm?.count ?? ENOUGH) < ENOUGH && `${warm?.count} calls`,
    wishes.cold !== undefined && cold && cold.count < ENOUGH && `${cold.count} cold starts`,
  ].filter(Boolean);
  return parts.length > 0
    ? `A p95 of ${parts.join(" and of ")} may be above its interval: that takes ${ENOUGH} to tell. Measure longer, with a smaller --precision.`
    : "";
}

/** Times of a machine are not those of Lambda: what they are good for. */
const machineLine = ({ best }: Advice): string =>
  best?.figures.target === "local"
    ? `Measured on ${best.figures.machine.cpu} under Lambda's limits: the order of the cells is to be trusted more than their times.`
    : "";

/** What `mkimage recommend` prints. */
export function adviceText(advice: Advice): string {
  const { best, equal, dearer, rejected, lines, region } = advice;
  const rows = [...equal, ...dearer].map((each) => [
    placeOf(each.figures),
    `${dollars(each.monthly ?? 0)} a month`,
    equal.includes(each) ? "keeps every wish; its price cannot be told from the first" : "keeps every wish",
  ]);
  const failed = rejected.map((each) => [
    placeOf(each.figures),
    each.monthly === undefined ? "" : `${dollars(each.monthly)} a month`,
    each.failing.map(({ text }) => text).join("; "),
  ]);
  const parts = [
    best && summary(best),
    savingLine(advice),
    batchLine(advice),
    rows.length + failed.length > 0 && table([["cell", "price", "wishes"], ...rows, ...failed]),
    fewLine(advice),
    lines && `For mkimage.json:\n${lines}`,
    machineLine(advice),
    `Prices of ${region}. Intervals hold the figure in 95 of 100 repetitions.`,
  ];
  return parts.filter(Boolean).join("\n\n");
}
