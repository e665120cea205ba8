import * as Plot from "@observablehq/plot";
import type { Figures } from "../../bench/figures.ts";
import { milliseconds } from "../../bench/format.ts";
import type { Chart } from "./chart.ts";
import { draw, filterable, scaleOf } from "./draw.ts";
import { facetOf, facetText, facetTextOf } from "./facet.ts";
import { dataTable } from "./html.ts";
import { dotKeys } from "./keys.ts";
import { groupOf, groupScale, SYMBOLS, symbolOf } from "./palette.ts";

type Timed = Figures & Required<Pick<Figures, "warm">>;

/** Warm time against memory, a line for each cell and a picture for each architecture; undefined without times. */
export function memoryChart(figures: readonly Figures[]): Chart | undefined {
  const timed = figures
    .filter((each): each is Timed => each.warm !== undefined)
    .sort((a, b) => a.memoryMB - b.memoryMB);
  const sizes = [...new Set(timed.map(({ memoryMB }) => memoryMB))];
  if (sizes.length < 2) return undefined;
  const times = timed.map(({ warm }) => warm.p50.value);
  const lineFacet = (each: Timed) => {
    const { memory: _, ...facet } = facetOf(each);
    return filterable(facetText(facet));
  };
  const place = {
    x: "memoryMB",
    y: (each: Timed) => each.warm.p50.value,
    fx: (each: Timed) => each.cell.arch,
  };
  const svg = draw(
    {
      height: 380,
      marginLeft: 50,
      marginBottom: 44,
      marginTop: 34,
      marginRight: 26,
      insetLeft: 10,
      insetRight: 10,
      x: { type: "log", label: "memory, MB", ticks: sizes, tickFormat: String, labelAnchor: "center" },
      y: { ...scaleOf(times), label: "↑ p50 of warm requests, ms", grid: true, ticks: 6, tickFormat: String },
      fx: { label: null, padding: 0.14 },
      color: groupScale(timed),
      symbol: SYMBOLS as unknown as Plot.ScaleOptions,
      marks: [
        Plot.line(timed, {
          ...place,
          z: "name",
          stroke: groupOf,
          strokeWidth: 1.4,
          strokeOpacity: 0.75,
          ariaLabel: lineFacet,
        }),
        Plot.dot(timed, {
          ...place,
          fill: groupOf,
          symbol: symbolOf,
          stroke: groupOf,
          r: 3.2,
          ariaLabel: (each: Timed) => filterable(facetTextOf(each)),
          title: ({ name, memoryMB, warm }: Timed) =>
            `${name} at ${memoryMB} MB: p50 ${milliseconds(warm.p50.value)}${warm.p95 ? `, p95 ${milliseconds(warm.p95.value)}` : ""}`,
        }),
      ],
    },
    { label: "Lines of the warm time against memory, one for each cell" },
  );
  return {
    id: "memory",
    title: "Latency against memory",
    text: "A function has CPU by its memory: 1769 MB is one vCPU. Where a line is flat, more memory only costs more.",
    svg,
    keys: dotKeys(timed),
    table: dataTable(
      timed,
      [
        { head: "cell", cell: ({ name }) => name },
        { head: "memory, MB", cell: ({ memoryMB }) => memoryMB, number: ({ memoryMB }) => memoryMB },
        {
          head: "p50, ms",
          cell: ({ warm }) => warm.p50.value.toFixed(2),
          number: ({ warm }) => warm.p50.value,
        },
        {
          head: "p95, ms",
          cell: ({ warm }) => warm.p95?.value.toFixed(2) ?? "–",
          number: ({ warm }) => warm.p95?.value,
        },
      ],
      { caption: "Warm time by memory", facet: facetTextOf },
    ),
  };
}
