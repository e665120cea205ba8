import * as Plot from "@observablehq/plot";
import type { Figures } from "../../bench/figures.ts";
import { formatBytes } from "../../output.ts";
import type { Chart } from "./chart.ts";
import { draw, filterable } from "./draw.ts";
import { facetOf, facetText } from "./facet.ts";
import { dataTable } from "./html.ts";
import { dotKeys } from "./keys.ts";
import { groupOf, groupScale, SYMBOLS, symbolOf } from "./palette.ts";

type Judged = Figures & Required<Pick<Figures, "sizes" | "accuracy">>;

const size = ({ sizes }: Judged): number => sizes.packed / 1e6;

/** A size and an accuracy are the same at any memory and input. */
const facetOfImage = (each: Judged): string => {
  const { memory: _, input: __, ...facet } = facetOf(each);
  return facetText(facet);
};

/** Accuracy against packed size, a dot for each image, emulated ones as well; undefined where nothing is known of them. */
export function accuracyChart(figures: readonly Figures[]): Chart | undefined {
  const judged = [
    ...new Map(
      figures
        .filter((each): each is Judged => Boolean(each.sizes && each.accuracy))
        .map((each) => [each.name, each]),
    ).values(),
  ].sort((a, b) => size(a) - size(b));
  if (judged.length === 0) return undefined;
  const metrics = new Set(judged.map(({ accuracy }) => accuracy.metric).filter((name) => name !== "source"));
  const metric = [...metrics].join(", ") || "accuracy";
  const least = Math.min(...judged.map(({ accuracy }) => accuracy.value));
  const svg = draw(
    {
      height: 340,
      marginLeft: 56,
      marginRight: 28,
      marginBottom: 44,
      inset: 12,
      x: {
        label: "packed size of the image, MB",
        labelAnchor: "center",
        zero: true,
        nice: true,
        grid: true,
        ticks: 6,
      },
      y: {
        label: `↑ ${metric}, 1 is the source's own answers`,
        domain: [Math.min(least, 0.99), 1],
        nice: true,
        grid: true,
        ticks: 6,
        tickFormat: (value: number) => String(Number(value.toFixed(4))),
      },
      color: groupScale(judged),
      symbol: SYMBOLS as unknown as Plot.ScaleOptions,
      marks: [
        Plot.dot(judged, {
          x: size,
          y: (each: Judged) => each.accuracy.value,
          fill: groupOf,
          fillOpacity: 0.55,
          stroke: groupOf,
          symbol: symbolOf,
          r: 5,
          ariaLabel: (each: Judged) => filterable(facetOfImage(each)),
          title: ({ name, accuracy, sizes }: Judged) =>
            `${name}: ${accuracy.metric === "source" ? "the source itself" : `${accuracy.metric} ${accuracy.value}`}, ${formatBytes(sizes.packed)} packed`,
        }),
      ],
    },
    { label: "Dots of accuracy against size, one for each image" },
  );
  return {
    id: "accuracy",
    title: "Accuracy against size",
    text: "Up and left is better. The gate of the build measured it against the source model's answers.",
    svg,
    keys: dotKeys(judged),
    table: dataTable(
      judged,
      [
        { head: "image", cell: ({ name }) => name },
        {
          head: "metric",
          cell: ({ accuracy }) => (accuracy.metric === "source" ? "the source itself" : accuracy.metric),
        },
        {
          head: "accuracy",
          cell: ({ accuracy }) => accuracy.value,
          number: ({ accuracy }) => accuracy.value,
        },
        {
          head: "packed",
          cell: ({ sizes }) => formatBytes(sizes.packed),
          number: ({ sizes }) => sizes.packed,
        },
        {
          head: "unpacked",
          cell: ({ sizes }) => formatBytes(sizes.unpacked),
          number: ({ sizes }) => sizes.unpacked,
        },
        {
          head: "shared",
          cell: ({ sizes }) => formatBytes(sizes.shared),
          number: ({ sizes }) => sizes.shared,
        },
      ],
      { caption: "Accuracy and sizes", facet: facetOfImage },
    ),
  };
}
