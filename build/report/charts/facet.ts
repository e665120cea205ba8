import type { Figures } from "../../bench/figures.ts";

/** The axes by which a page is filtered, in the order in which a facet has them. */
export const AXES = ["function", "system", "architecture", "format", "memory", "input", "baseline"] as const;
export type Axis = (typeof AXES)[number];

/** Values on the axes; what is missing stands for any. */
export type Facet = Partial<Record<Axis, string>>;

/** `16 tokens × 8`: what a request has. */
export const inputName = ({ tokens, batch }: Figures["input"]): string =>
  `${tokens} tokens${batch > 1 ? ` × ${batch}` : ""}`;

/** Where a cell is on the axes. A baseline is of no system and format of the matrix. */
export const facetOf = ({ cell, memoryMB, input }: Figures): Facet => ({
  function: cell.function,
  architecture: cell.arch,
  memory: `${memoryMB} MB`,
  input: inputName(input),
  ...(cell.baseline ? { baseline: cell.baseline } : { system: cell.os, format: cell.quantization }),
});

/** A facet as the page's elements carry it: without signs that HTML and SVG would write in different ways. */
export const facetText = (facet: Facet): string =>
  AXES.map((axis) => encodeURIComponent(facet[axis] ?? "")).join("|");

export const facetTextOf = (figures: Figures): string => facetText(facetOf(figures));
