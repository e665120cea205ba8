import type { Figures } from "../bench/figures.ts";
import { AXES, type Axis, facetOf } from "./charts/facet.ts";
import { type Html, html } from "./charts/html.ts";

/** A group of boxes for each axis on which there is a choice. */
export function filters(figures: readonly Figures[]): Html {
  const facets = figures.map(facetOf);
  const group = (axis: Axis): Html | undefined => {
    const values = [...new Set(facets.flatMap((facet) => facet[axis] ?? []))].sort((a, b) =>
      a.localeCompare(b, "en", { numeric: true }),
    );
    if (values.length < 2 && axis !== "baseline") return undefined;
    if (values.length === 0) return undefined;
    const boxes = values.map(
      (value) =>
        html`<label class="chip"><input type="checkbox" name="${axis}" value="${value}" checked><span>${value}</span></label>`,
    );
    return html`<fieldset><legend>${axis}</legend>${boxes}</fieldset>`;
  };
  return html`<form id="filters" class="card filters" aria-label="Filters">${AXES.map(group)}<button type="button" id="reset" class="reset">Show all</button><span id="count" class="count" role="status">${figures.length} cells</span></form>`;
}
