import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** What marks an element for the page's filters; Plot has a channel for it that SVG's readers do not need. */
const MARK = "facet:";

/** The value of a mark's `ariaLabel` channel with which the page's filters find it. */
export const filterable = (facet: string): string => `${MARK}${facet}`;

export interface DrawOptions {
  /** What the picture shows, for those who do not see it. */
  readonly label: string;
}

/** Attributes with places in the picture. */
const PLACES = ["d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height"] as const;

/** Places to a hundredth of a pixel: the rest of the digits would be a third of the page. */
function shorten(element: {
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
}): void {
  for (const name of PLACES) {
    const value = element.getAttribute(name);
    if (value) element.setAttribute(name, value.replace(/\.(\d\d)\d{1,20}/g, ".$1"));
  }
}

/** Draws to SVG without a browser: nothing of it is drawn or asked for when the page is opened. */
export function draw(options: Plot.PlotOptions, { label }: DrawOptions): string {
  const { document } = parseHTML("<html></html>");
  const svg = Plot.plot({
    width: 600,
    style: { fontSize: "12px", background: "none" },
    ...options,
    document: document as unknown as NonNullable<Plot.PlotOptions["document"]>,
    className: "plot",
  });
  for (const style of svg.querySelectorAll("style")) style.remove();
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  for (const each of svg.querySelectorAll("[aria-label], [aria-description]")) {
    const facet = each.getAttribute("aria-label") ?? "";
    each.removeAttribute("aria-label");
    each.removeAttribute("aria-description");
    if (facet.startsWith(MARK)) each.setAttribute("data-k", facet.slice(MARK.length));
  }
  for (const each of svg.querySelectorAll("*")) shorten(each);
  return svg.outerHTML;
}

/** Decades are easier to read on a logarithmic scale, and small differences on one that starts at zero. */
export function scaleOf(values: readonly number[]): {
  type: "log" | "linear";
  zero?: boolean;
  nice?: boolean;
} {
  const least = Math.min(...values);
  const most = Math.max(...values);
  return least > 0 && most / least > 12 ? { type: "log" } : { type: "linear", zero: true, nice: true };
}
