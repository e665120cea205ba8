import type { Figures } from "../../bench/figures.ts";
import type { Key } from "./chart.ts";
import { colourOf, groupScale } from "./palette.ts";

/** The legend of dots: a colour for each number format, a form for each architecture. */
export function dotKeys(figures: readonly Figures[]): Key[] {
  const groups = groupScale(figures).domain.filter((group) => group !== "baseline");
  const arches = [...new Set(figures.filter(({ cell }) => !cell.baseline).map(({ cell }) => cell.arch))];
  return [
    ...groups.map((title): Key => ({ title, colour: colourOf(title), form: "line" })),
    ...arches
      .sort()
      .reverse()
      .map(
        (title): Key => ({ title, colour: "currentColor", form: title === "arm64" ? "circle" : "square" }),
      ),
    ...(figures.some(({ cell }) => cell.baseline)
      ? [{ title: "baseline", colour: colourOf("baseline"), form: "cross" } as const]
      : []),
  ];
}
