import type { Figures } from "../bench/figures.ts";
import { dollars, milliseconds } from "../bench/format.ts";
import { ARCHES, names, OSES, QUANTIZATIONS } from "../catalog.ts";
import { formatBytes } from "../output.ts";
import { facetText, facetTextOf } from "./charts/facet.ts";
import { type Html, html } from "./charts/html.ts";

/** Names in the order of the catalog; those that it does not have come last. */
function inOrder(found: Iterable<string>, known: readonly string[]): string[] {
  const place = (name: string) => (known.indexOf(name) + known.length + 1) % (known.length + 1);
  return [...new Set(found)].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

/** Where a value is between the extremes, on a scale of ratios. */
function heat(value: number, [least, most]: readonly [number, number]): number {
  if (most <= least) return 0;
  // A clock that is too coarse for a time says 0, of which there is no ratio.
  return least > 0 ? Math.log(value / least) / Math.log(most / least) : value / most;
}

function cellOf(figures: Figures | undefined, range: readonly [number, number]): Html {
  if (!figures) return html`<td class="none">–</td>`;
  const facet = facetTextOf(figures);
  if (!figures.warm?.p95) {
    const why = figures.fault === undefined ? (figures.emulated ? "emulated" : "no times") : "failed";
    const size = figures.sizes ? formatBytes(figures.sizes.packed) : "";
    return html`<td class="none" data-k="${facet}">${why}<small>${size}</small></td>`;
  }
  const p95 = figures.warm.p95.value;
  const best = p95 === range[0] && html` class="best"`;
  const price = figures.costs ? `${dollars(figures.costs.perMillion.value)}/M` : "";
  return html`<td${best} data-k="${facet}" style="--h:${Math.round(heat(p95, range) * 100)}%">${milliseconds(p95)}<small>${price}</small></td>`;
}

function heatTable(figures: readonly Figures[], memoryMB: number): Html {
  const own = figures.filter((each) => each.memoryMB === memoryMB);
  const times = own.flatMap(({ warm }) => (warm?.p95 ? [warm.p95.value] : []));
  const range = [Math.min(...times), Math.max(...times)] as const;
  const systems = inOrder(
    own.map(({ cell }) => cell.os),
    names(OSES),
  );
  const arches = inOrder(
    own.map(({ cell }) => cell.arch),
    names(ARCHES),
  );
  const formats = inOrder(
    own.map(({ cell }) => cell.quantization),
    names(QUANTIZATIONS),
  );
  const columns = arches.flatMap((arch) => formats.map((format) => ({ arch, format })));
  const find = (os: string, { arch, format }: (typeof columns)[number]) =>
    own.find(({ cell }) => cell.os === os && cell.arch === arch && cell.quantization === format);
  const caption = `p95 and price by system and architecture at ${memoryMB} MB`;
  return html`<div class="heat" data-k="${facetText({ memory: `${memoryMB} MB` })}"><h3>${memoryMB} MB</h3><div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr><td></td>${arches.map((arch) => html`<th scope="colgroup" colspan="${formats.length}">${arch}</th>`)}</tr><tr><th scope="col">system</th>${columns.map(({ format }) => html`<th scope="col">${format}</th>`)}</tr></thead><tbody>${systems.map((os) => html`<tr data-k="${facetText({ system: os })}"><th scope="row">${os}</th>${columns.map((column) => cellOf(find(os, column), range))}</tr>`)}</tbody></table></div></div>`;
}

/** A table of systems × architectures for each memory size, each cell as warm as it is slow against the others of its table. */
export function heatTables(figures: readonly Figures[]): Html {
  const own = figures.filter(({ cell }) => !cell.baseline);
  const sizes = [...new Set(own.map(({ memoryMB }) => memoryMB))].sort((a, b) => a - b);
  return html`<div class="heats">${sizes.map((memoryMB) => heatTable(own, memoryMB))}</div>`;
}
