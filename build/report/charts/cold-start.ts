import * as Plot from "@observablehq/plot";
import type { Figures } from "../../bench/figures.ts";
import { milliseconds } from "../../bench/format.ts";
import type { Chart } from "./chart.ts";
import { draw, filterable } from "./draw.ts";
import { facetTextOf } from "./facet.ts";
import { dataTable } from "./html.ts";
import { STEP_TITLES, STEPS, type Step, stepColour } from "./palette.ts";

type Started = Figures & Required<Pick<Figures, "cold">>;

/** Milliseconds of each step; what no step has is "the rest". */
function stepsOf({ cold }: Started): { step: Step; time: number }[] {
  const known = STEPS.flatMap((step) => {
    const time = step === "other" ? undefined : cold.steps[step];
    return time === undefined ? [] : [{ step, time }];
  });
  const rest = cold.p50.value - known.reduce((sum, { time }) => sum + time, 0);
  return rest > cold.p50.value * 0.02 ? [...known, { step: "other", time: rest }] : known;
}

const nameOf = ({ name, cell }: Figures): string => (cell.baseline ? `${name} (baseline)` : name);

/** Cold starts as bars of their steps, the quickest first; undefined where none was measured. */
export function coldStartChart(figures: readonly Figures[]): Chart | undefined {
  const started = figures
    .filter((each): each is Started => each.cold !== undefined)
    .sort((a, b) => a.cold.p50.value - b.cold.p50.value);
  if (started.length === 0) return undefined;
  const parts = started.flatMap((each) =>
    stepsOf(each).map((part) => ({ ...part, name: nameOf(each), facet: facetTextOf(each) })),
  );
  const ends = started.map((each) => ({
    name: nameOf(each),
    facet: facetTextOf(each),
    end: stepsOf(each).reduce((sum, { time }) => sum + time, 0),
    text: milliseconds(each.cold.p50.value),
  }));
  const used = STEPS.filter((step) => parts.some((part) => part.step === step));
  const svg = draw(
    {
      width: 1000,
      height: started.length * 22 + 40,
      marginTop: 26,
      marginBottom: 10,
      marginLeft: 215,
      marginRight: 70,
      x: { label: null, grid: true, axis: "top", tickFormat: (value: number) => `${value} ms` },
      y: { label: null, domain: started.map(nameOf), tickSize: 0, padding: 0.22 },
      color: { domain: used, range: used.map(stepColour) },
      marks: [
        Plot.barX(parts, {
          x: "time",
          y: "name",
          fill: "step",
          order: used as unknown as string[],
          insetRight: 0.5,
          ariaLabel: (part: (typeof parts)[number]) => filterable(part.facet),
          title: ({ name, step, time }: (typeof parts)[number]) =>
            `${name}: ${STEP_TITLES[step]} ${milliseconds(time)}`,
        }),
        Plot.text(ends, {
          x: "end",
          y: "name",
          text: "text",
          textAnchor: "start",
          dx: 6,
          fill: "currentColor",
          ariaLabel: (end: (typeof ends)[number]) => filterable(end.facet),
        }),
        Plot.ruleX([0]),
      ],
    },
    { label: "Bars of the steps of a cold start, one for each cell" },
  );
  return {
    id: "cold-start",
    title: `Cold start by step at ${started[0]?.memoryMB} MB`,
    text: "Median time from asking for the container to the end of the first answer. Lambda bills all of it but the container.",
    svg,
    keys: used.map((step) => ({ title: STEP_TITLES[step], colour: stepColour(step), form: "square" })),
    wide: true,
    table: dataTable(
      started,
      [
        { head: "cell", cell: nameOf },
        ...used.map((step) => ({
          head: `${STEP_TITLES[step]}, ms`,
          cell: (each: Started) =>
            stepsOf(each)
              .find((part) => part.step === step)
              ?.time.toFixed(1) ?? "",
          number: () => 0,
        })),
        {
          head: "p50, ms",
          cell: ({ cold }) => cold.p50.value.toFixed(1),
          number: ({ cold }) => cold.p50.value,
        },
        {
          head: "p95, ms",
          cell: ({ cold }) => cold.p95.value.toFixed(1),
          number: ({ cold }) => cold.p95.value,
        },
        { head: "starts", cell: ({ cold }) => cold.count, number: ({ cold }) => cold.count },
      ],
      { caption: "Cold starts", facet: facetTextOf },
    ),
  };
}
