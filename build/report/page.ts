import { againstBaselines, comparedFigures } from "../bench/against.ts";
import { type Figures, isInput, type Series, usualInput } from "../bench/figures.ts";
import type { Load } from "../bench/monthly.ts";
import type { Price } from "../bench/prices/prices.ts";
import type { Arch } from "../catalog.ts";
import { bestCells, shortAnswer } from "./answer.ts";
import { cellsTable } from "./cells-table.ts";
import { accuracyChart } from "./charts/accuracy.ts";
import { breakEvenChart } from "./charts/break-even.ts";
import type { Chart, Key } from "./charts/chart.ts";
import { coldStartChart } from "./charts/cold-start.ts";
import { costChart } from "./charts/cost.ts";
import { inputName } from "./charts/facet.ts";
import { historyChart } from "./charts/history.ts";
import { Html, html } from "./charts/html.ts";
import { memoryChart } from "./charts/memory.ts";
import { filters } from "./filters.ts";
import { heatTables } from "./heat.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

/** What a page is made of. */
export interface PageContent {
  /** Of one function. */
  readonly series: readonly Series[];
  readonly region: string;
  readonly price: (arch: Arch) => Price;
  readonly load: Load;
}

const FORMS: Readonly<Record<NonNullable<Key["form"]>, string>> = {
  circle: '<circle cx="7" cy="7" r="5"/>',
  square: '<rect x="2" y="2" width="10" height="10"/>',
  cross: '<path d="M3 3L11 11M3 11L11 3" stroke="currentColor" stroke-width="2"/>',
  line: '<path d="M0 7H14" stroke="currentColor" stroke-width="4"/>',
  dashed: '<path d="M0 7H14" stroke="currentColor" stroke-width="2" stroke-dasharray="3 3"/>',
};

const keyItem = ({ title, colour, form = "square" }: Key): Html =>
  html`<li><svg viewBox="0 0 14 14" aria-hidden="true" fill="currentColor" style="color:${colour}">${new Html(FORMS[form])}</svg>${title}</li>`;

const figureOf = ({ id, title, text, svg, keys, notes, table, wide }: Chart, alone?: boolean): Html =>
  html`<section class="card${wide && " wide"}${alone && " alone"}" id="${id}"><h2>${title}</h2><p class="soft small">${text}</p><figure><ul class="keys" aria-label="Legend">${keys.map(keyItem)}</ul><div class="scroll" tabindex="0" role="region" aria-label="${title}">${new Html(svg)}</div></figure>${notes && html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`}<details><summary>Data of “${title}”</summary>${table}</details></section>`;

/** What people have to know of cells without times. */
function notices(figures: readonly Figures[]): Html | undefined {
  const emulated = [...new Set(figures.filter((each) => each.emulated).map(({ cell }) => cell.arch))];
  const failed = figures.filter(({ fault }) => fault !== undefined);
  if (emulated.length + failed.length === 0) return undefined;
  const lines = [
    ...emulated.map(
      (arch) =>
        html`<li>${arch} was emulated: sizes and accuracy are right, times would say nothing and are not shown. Measure on a machine with ${arch} (<code>mkimage bench --arch ${arch}</code>), then give both files: <code>mkimage report --results a.jsonl --results b.jsonl</code>.</li>`,
    ),
    ...failed.map((each) => html`<li>${each.name} at ${each.memoryMB} MB failed: ${each.fault}</li>`),
  ];
  return html`<section class="notice" aria-label="Without times"><ul>${lines}</ul></section>`;
}

const listed = (all: Iterable<string>): string => [...new Set(all)].join(", ");

function provenance(figures: readonly Figures[], { region, price }: PageContent): Html {
  const newest =
    figures
      .map(({ measuredAt }) => measuredAt)
      .sort()
      .at(-1) ?? "";
  const machines = listed(
    figures.map(({ target, machine }) =>
      target === "lambda"
        ? `AWS Lambda, ${machine.arch}`
        : `${machine.cpu} (${machine.arch}, ${machine.cores} cores)`,
    ),
  );
  const arches = [...new Set(figures.map(({ cell }) => cell.arch))];
  const sources = listed(arches.map((arch) => `${price(arch).source}, ${price(arch).date}`));
  return html`<footer><p>Measured on ${machines}; the newest ${newest.slice(0, 16).replace("T", " ")} UTC. Every sample counts: none is cut away. Where a figure has an interval, it holds it in 95 of 100 repetitions.</p><p>Prices of ${region} in US dollars, without free tier and discounts: ${sources}. INIT is billed. Times of a local run are those of this machine under Lambda’s limits: compare them with each other.</p></footer>`;
}

/** Facets stand in a list at the end, and what they mark has their place in it: a page has each of them many times. */
function withFacetList(page: string): string {
  const places = new Map<string, number>();
  const text = page.replace(/data-k="([^"]*)"/g, (_, facet: string) => {
    const place = places.get(facet) ?? places.size;
    places.set(facet, place);
    return `data-k="${place}"`;
  });
  const list = [...places.keys()].map((facet) => `<li data-facet="${facet}"></li>`).join("");
  return text.replace(FACETS, () => `<ul id="facets" hidden>${list}</ul>`);
}

/** Cells without times come last. */
const priceOrder = ({ costs }: Figures): number => costs?.perMillion.value ?? Number.MAX_VALUE;

/** Where the list of facets comes. */
const FACETS = "<!-- facets -->";

/** Bytes above which a page is slow to open on a telephone, and no longer attached to a message. */
export const LARGE = 500_000;

/** Runs of the history that a page has at most, and what it is thinned to where that is too large. */
const RUNS = [30, 15, 8, 4, 2];

/**
 * One HTML document that loads nothing: pictures are drawn, and the script is in it. Where it would be large, it has less of the
 * history, and says so. Pure.
 */
export function renderReport(content: PageContent): string {
  let page = "";
  for (const runs of RUNS) {
    page = renderPage(content, runs);
    if (Buffer.byteLength(page) <= LARGE) break;
  }
  return page;
}

function renderPage(content: PageContent, runs: number): string {
  const { series, price, load } = content;
  const all = series.map(({ latest }) => latest);
  const input = usualInput(all.filter(({ cell }) => !cell.baseline)) ??
    all[0]?.input ?? { tokens: 0, batch: 1 };
  const usual = series.filter(({ latest }) => isInput(latest, input));
  const figures = usual.map(({ latest }) => latest);
  const best = bestCells(figures);
  const [cheapest] = best.filter(({ title }) => title === "Cheapest").map((each) => each.figures);
  // Pictures of one memory size are of that which the cheapest cell has.
  const memoryMB = cheapest?.memoryMB ?? figures[0]?.memoryMB;
  const ofSize = usual.filter(({ latest }) => latest.memoryMB === memoryMB);
  const charts = [
    coldStartChart(ofSize.map(({ latest }) => latest)),
    costChart(figures, price(cheapest?.cell.arch ?? "amd64").request),
    memoryChart(figures),
    accuracyChart(figures),
    historyChart(ofSize, runs),
    cheapest && breakEvenChart({ figures: cheapest, price: price(cheapest.cell.arch), load }),
  ].filter((chart) => chart !== undefined);
  const halves = charts.filter(({ wide }) => !wide);
  // Two stand beside each other: of an odd number the last one has a row of its own.
  const alone = halves.length % 2 === 1 ? halves.at(-1) : undefined;
  const against = againstBaselines(comparedFigures(figures));
  const [{ cell } = { cell: undefined }] = all;
  const title = `${cell?.function}: ${shortAnswer(figures)}`;
  const page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(STYLE)}</style>
<a class="skip" href="#cells">To all cells</a>
<div class="wrap">
<main>
<section class="card answer"><p class="soft small">${cell?.function} · ${cell?.model} · ${cell?.task}</p><h1>${shortAnswer(figures)}</h1>
<p class="soft">The cheapest of ${figures.filter((each) => !each.cell.baseline).length} cells for ${inputName(input)}.</p>${against.length > 0 && html`<ul class="against">${against.map((line) => html`<li>${line}</li>`)}</ul>`}
<dl class="tiles">${best.map(({ title: what, figure, figures: each }) => html`<div class="tile"><dt>${what}</dt><dd><strong>${figure}</strong>${each.name}${what !== "Smallest" && ` at ${each.memoryMB} MB`}</dd></div>`)}</dl></section>
${notices(all)}
${filters(all)}
<section class="card" id="heat"><h2>Systems and architectures</h2><p class="soft small">p95 of a warm request, and the price of a million below it. Green is fast, orange is slow; the fastest of a table is framed.</p>${heatTables(figures)}</section>
<div class="charts">${charts.map((chart) => figureOf(chart, chart === alone))}</div>
<section class="card" id="cells"><h2>All cells</h2><p class="soft small">Choose a column’s head to sort by it.</p>${cellsTable(all.toSorted((a, b) => priceOrder(a) - priceOrder(b) || 0))}</section>
</main>
${provenance(all, content)}
</div>
${new Html(FACETS)}
<script>${new Html(SCRIPT)}</script>
</html>
`;
  return withFacetList(page.text);
}
