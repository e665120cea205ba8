import * as Plot from "@observablehq/plot";
import type { Figures, HistoryPoint, Series } from "../../bench/figures.ts";
import { milliseconds } from "../../bench/format.ts";
import type { Chart } from "./chart.ts";
import { draw, filterable, scaleOf } from "./draw.ts";
import { facetTextOf } from "./facet.ts";
import { dataTable } from "./html.ts";
import { dotKeys } from "./keys.ts";
import { groupOf, groupScale, SYMBOLS, symbolOf } from "./palette.ts";

type Point = HistoryPoint &
  Required<Pick<HistoryPoint, "p50">> & { readonly figures: Figures; readonly time: Date };

const day = (point: Point): string => point.measuredAt.slice(0, 16).replace("T", " ");

/**
 * Warm time over the runs; undefined where nothing was measured twice.
 * @param runs how many of the newest are drawn of each cell: older ones are in the results
 */
export function historyChart(series: readonly Series[], runs: number): Chart | undefined {
  const most = Math.max(0, ...series.map(({ history }) => history.length));
  const points = series
    .filter(({ history }) => history.length > 1)
    .flatMap(({ latest, history }) =>
      history
        .filter((point): point is HistoryPoint & { p50: number } => point.p50 !== undefined)
        .slice(-runs)
        .map((point): Point => ({ ...point, figures: latest, time: new Date(point.measuredAt) })),
    );
  if (points.length === 0) return undefined;
  const figures = series.map(({ latest }) => latest);
  const group = (point: Point) => groupOf(point.figures);
  const svg = draw(
    {
      height: 340,
      marginLeft: 50,
      marginBottom: 36,
      insetLeft: 8,
      insetRight: 8,
      x: { type: "utc", label: null, ticks: 5 },
      y: {
        ...scaleOf(points.map(({ p50 }) => p50)),
        label: "↑ p50 of warm requests, ms",
        grid: true,
        ticks: 6,
        tickFormat: String,
      },
      color: groupScale(figures),
      symbol: SYMBOLS as unknown as Plot.ScaleOptions,
      marks: [
        Plot.line(points, {
          x: "time",
          y: "p50",
          z: (point: Point) => point.figures.key,
          stroke: group,
          strokeWidth: 1.3,
          strokeOpacity: 0.7,
          ariaLabel: (point: Point) => filterable(facetTextOf(point.figures)),
        }),
        Plot.dot(points, {
          x: "time",
          y: "p50",
          fill: group,
          stroke: group,
          symbol: (point: Point) => symbolOf(point.figures),
          r: 2.8,
          ariaLabel: (point: Point) => filterable(facetTextOf(point.figures)),
          title: (point: Point) => `${point.figures.name}, ${day(point)}: p50 ${milliseconds(point.p50)}`,
        }),
      ],
    },
    { label: "Lines of the warm time over the runs, one for each cell" },
  );
  return {
    id: "history",
    title: `History at ${figures[0]?.memoryMB} MB`,
    text: `The same cells in each run${most > runs ? `, the newest ${runs} of ${most}: a page has room for no more` : ""}. Runs of another machine are not comparable; mkimage bench --against last judges one.`,
    svg,
    keys: dotKeys(figures),
    table: dataTable(
      points,
      [
        { head: "cell", cell: ({ figures: { name } }) => name },
        { head: "measured at", cell: day },
        { head: "p50, ms", cell: ({ p50 }) => p50.toFixed(2), number: ({ p50 }) => p50 },
        { head: "p95, ms", cell: ({ p95 }) => p95?.toFixed(2), number: ({ p95 }) => p95 },
        {
          head: "cold p50, ms",
          cell: ({ coldP50 }) => coldP50?.toFixed(0),
          number: ({ coldP50 }) => coldP50,
        },
      ],
      { caption: "Runs", facet: ({ figures: each }) => facetTextOf(each) },
    ),
  };
}
