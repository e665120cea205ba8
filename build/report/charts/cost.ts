import * as Plot from "@observablehq/plot";
import type { Figures } from "../../bench/figures.ts";
import { dollars, milliseconds } from "../../bench/format.ts";
import { frontierOf } from "../../bench/frontier.ts";
import type { Chart } from "./chart.ts";
import { draw, filterable, scaleOf } from "./draw.ts";
import { facetTextOf } from "./facet.ts";
import { dataTable } from "./html.ts";
import { dotKeys } from "./keys.ts";
import { groupOf, groupScale, SYMBOLS, symbolOf } from "./palette.ts";

type Priced = Figures & Required<Pick<Figures, "warm" | "costs">>;

/** Of what another tool has measured only a mean is known. */
const latency = ({ warm }: Priced): number => (warm.p95 ?? warm.p50).value;
const cost = ({ costs }: Priced): number => costs.perMillion.value;

/** Price against p95, with the cells that no other one beats in both; undefined without times. */
export function costChart(figures: readonly Figures[], fee: number): Chart | undefined {
  const priced = figures.filter((each): each is Priced => Boolean(each.warm && each.costs));
  if (priced.length === 0) return undefined;
  const frontier = frontierOf(
    priced.filter(({ cell }) => !cell.baseline),
    latency,
    cost,
  );
  const place = { x: latency, y: cost };
  const svg = draw(
    {
      height: 380,
      marginLeft: 56,
      marginBottom: 44,
      insetLeft: 10,
      insetRight: 10,
      x: {
        ...scaleOf(priced.map(latency)),
        label: "p95 of warm requests, ms",
        labelAnchor: "center",
        ticks: 6,
        tickFormat: String,
        grid: true,
      },
      y: {
        ...scaleOf(priced.map(cost)),
        label: "↑ $ per million requests",
        grid: true,
        ticks: 6,
        tickFormat: (value: number) => `$${value.toFixed(2)}`,
      },
      color: groupScale(priced),
      symbol: SYMBOLS as unknown as Plot.ScaleOptions,
      marks: [
        Plot.ruleY([fee * 1e6], { stroke: "currentColor", strokeOpacity: 0.6, strokeDasharray: "2 4" }),
        Plot.text([fee * 1e6], {
          y: (value: number) => value,
          frameAnchor: "right",
          text: () => "request fee",
          textAnchor: "end",
          dx: -4,
          dy: 9,
          fillOpacity: 0.75,
          fill: "currentColor",
        }),
        Plot.line(frontier, { ...place, stroke: "currentColor", strokeWidth: 1.2, curve: "step-after" }),
        Plot.dot(priced, {
          ...place,
          stroke: groupOf,
          fill: groupOf,
          fillOpacity: 0.55,
          symbol: symbolOf,
          r: 4,
          strokeWidth: (each: Priced) => (each.cell.baseline ? 2 : 1.2),
          ariaLabel: (each: Priced) => filterable(facetTextOf(each)),
          title: (each: Priced) =>
            `${each.name} at ${each.memoryMB} MB: p95 ${milliseconds(latency(each))}, ${dollars(cost(each))} per million`,
        }),
        Plot.text(frontier, {
          ...place,
          text: (_: Priced, index: number) => String(index + 1),
          dx: -9,
          dy: 10,
          fontWeight: "bold",
          fill: "currentColor",
          stroke: "var(--card)",
          strokeWidth: 4,
        }),
      ],
    },
    { label: "Dots of price against latency, with a line through those that no other one beats" },
  );
  const isBest = new Set(frontier.map(({ key }) => key));
  return {
    id: "cost",
    title: "Cost against latency",
    text: "Down and left is better. No cell is both cheaper and faster than one on the line.",
    svg,
    keys: dotKeys(priced),
    notes: frontier.map(
      (each, index) =>
        `${index + 1}  ${each.name} at ${each.memoryMB} MB: p95 ${milliseconds(latency(each))}, ${dollars(cost(each))} per million`,
    ),
    table: dataTable(
      priced.toSorted((a, b) => cost(a) - cost(b)),
      [
        { head: "cell", cell: ({ name }) => name },
        { head: "memory, MB", cell: ({ memoryMB }) => memoryMB, number: ({ memoryMB }) => memoryMB },
        { head: "p95, ms", cell: (each) => latency(each).toFixed(2), number: latency },
        { head: "$ per million", cell: (each) => cost(each).toFixed(3), number: cost },
        { head: "on the line", cell: ({ key }) => (isBest.has(key) ? "yes" : "") },
      ],
      { caption: "Price and latency", facet: facetTextOf },
    ),
  };
}
