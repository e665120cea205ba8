import { againstBaselines } from "../bench/against.ts";
import { measuredName } from "../bench/figures.ts";
import { milliseconds } from "../bench/format.ts";
import type { Result } from "../bench/results.ts";
import { ascending, median, quantile } from "../bench/statistics.ts";
import { formatBytes, table } from "../output.ts";

function shownMedian(values: readonly number[] | undefined): string {
  const value = median(values);
  return value === undefined ? "–" : milliseconds(value);
}

const resultRow = (name: string, { status, cold, warm, peakMemoryMB, sizes, accuracy, emulated }: Result) => [
  name,
  status === "failed" ? "failed" : emulated ? "emulated" : "measured",
  shownMedian(cold?.total),
  shownMedian(warm?.samples),
  warm?.samples.length ? milliseconds(quantile(ascending(warm.samples), 0.95)) : "–",
  peakMemoryMB === undefined ? "–" : `${Math.round(peakMemoryMB)} MB`,
  sizes ? formatBytes(sizes.packed) : "–",
  accuracy ? `${accuracy.metric} ${accuracy.value}` : "–",
];

const HEAD = ["cell", "result", "cold p50", "warm p50", "warm p95", "peak memory", "packed", "accuracy"];

/** A row for each named result; names are those of the run. Pure. */
export const benchTable = (rows: readonly (readonly [name: string, result: Result])[]): string =>
  table([HEAD, ...rows.map(([name, result]) => resultRow(name, result))]);

/** What there is to say of results below their table: how they compare with baselines, and why some failed. Pure. */
export function benchNotes(rows: readonly (readonly [name: string, result: Result])[]): string[] {
  const compared = rows.map(([, { cell, warm, cold, memoryMB, input }]) => ({
    cell,
    memoryMB,
    input,
    name: measuredName(cell),
    warm: median(warm?.samples),
    cold: median(cold?.total),
  }));
  const failed = rows.flatMap(([name, { fault }]) =>
    fault === undefined ? [] : [`${name} failed: ${fault}`],
  );
  const isEmulated = rows.some(([, { emulated }]) => emulated);
  return [
    ...againstBaselines(compared),
    ...failed,
    ...(isEmulated
      ? [
          "note: emulated cells have no times. Measure them on a machine of their architecture, and give `mkimage report` both files.",
        ]
      : []),
  ];
}
