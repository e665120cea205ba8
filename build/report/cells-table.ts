import type { Figures } from "../bench/figures.ts";
import { formatBytes } from "../output.ts";
import { facetTextOf, inputName } from "./charts/facet.ts";
import { type Column, dataTable, type Html } from "./charts/html.ts";

const ms = (head: string, number: (each: Figures) => number | undefined): Column<Figures> => ({
  head: `${head}, ms`,
  number,
  cell: (each) => {
    const value = number(each);
    return value === undefined ? "–" : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
  },
});

const money = (head: string, number: (each: Figures) => number | undefined): Column<Figures> => ({
  head,
  number,
  cell: (each) => {
    const value = number(each);
    return value === undefined ? "–" : value.toPrecision(3);
  },
});

/** What a cell is called in a list of all of them, with why it has no times. */
const nameOf = ({ name, cell, emulated, fault }: Figures): string => {
  const facts = [
    cell.baseline !== undefined && "baseline",
    fault === undefined ? emulated && "emulated" : "failed",
  ].filter((fact) => fact !== false);
  return facts.length > 0 ? `${name} (${facts.join(", ")})` : name;
};

const COLUMNS: readonly Column<Figures>[] = [
  { head: "cell", cell: nameOf },
  { head: "memory, MB", cell: ({ memoryMB }) => memoryMB, number: ({ memoryMB }) => memoryMB },
  { head: "input", cell: ({ input }) => inputName(input), number: ({ input }) => input.tokens * input.batch },
  ms("cold p50", ({ cold }) => cold?.p50.value),
  ms("warm p50", ({ warm }) => warm?.p50.value),
  ms("p95", ({ warm }) => warm?.p95?.value),
  ms("p99", ({ warm }) => warm?.p99?.value),
  money("requests/s", ({ warm }) => warm?.throughput),
  {
    head: "peak, MB",
    cell: ({ peakMemoryMB }) => peakMemoryMB?.toFixed(0) ?? "–",
    number: ({ peakMemoryMB }) => peakMemoryMB,
  },
  {
    head: "packed",
    cell: ({ sizes }) => (sizes ? formatBytes(sizes.packed) : "–"),
    number: ({ sizes }) => sizes?.packed,
  },
  {
    head: "accuracy",
    cell: ({ accuracy }) => (accuracy ? (accuracy.metric === "source" ? "source" : accuracy.value) : "–"),
    number: ({ accuracy }) => accuracy?.value,
  },
  money("$/M requests", ({ costs }) => costs?.perMillion.value),
  money("$/M cold starts", ({ costs }) => costs?.perColdStart && costs.perColdStart * 1e6),
  money("$/M tokens", ({ costs }) => costs?.perMillionTokens),
];

/** Every cell with every figure. */
export const cellsTable = (figures: readonly Figures[]): Html =>
  dataTable(figures, COLUMNS, { caption: "All cells", facet: facetTextOf, sortable: true });
