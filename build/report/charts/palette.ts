import type { Figures } from "../../bench/figures.ts";
import { names, QUANTIZATIONS } from "../../catalog.ts";

/** Number formats, baselines and steps have colours of the page, which are others on a dark one. */
const FORMATS: readonly string[] = names(QUANTIZATIONS);

/** What a cell is coloured by. */
export const groupOf = ({ cell }: Pick<Figures, "cell">): string =>
  cell.baseline ? "baseline" : cell.quantization;

export const colourOf = (group: string): string => {
  const place = FORMATS.indexOf(group);
  return place === -1 ? "var(--baseline)" : `var(--format-${place})`;
};

/** The scale of a plot that colours by group. */
export const groupScale = (figures: readonly Figures[]) => {
  const groups = [...new Set(figures.map(groupOf))].sort(
    (a, b) => FORMATS.indexOf(a) - FORMATS.indexOf(b) || 0,
  );
  const known = [
    ...groups.filter((group) => group !== "baseline"),
    ...groups.filter((group) => group === "baseline"),
  ];
  return { domain: known, range: known.map(colourOf) };
};

/** Architectures differ in form as well, for those who do not see the colours and for print. */
export const symbolOf = ({ cell }: Pick<Figures, "cell">): string => (cell.baseline ? "baseline" : cell.arch);
export const SYMBOLS = {
  domain: ["arm64", "amd64", "baseline"],
  range: ["circle", "square2", "times"],
} as const;

export const STEPS = [
  "container",
  "init",
  "restore",
  "node",
  "session",
  "tokenizer",
  "firstAnswer",
  "other",
] as const;
export type Step = (typeof STEPS)[number];
export const STEP_TITLES: Readonly<Record<Step, string>> = {
  container: "container",
  init: "Lambda’s init",
  restore: "restore",
  node: "Node.js",
  session: "session",
  tokenizer: "tokenizer",
  firstAnswer: "first answer",
  other: "the rest",
};

/** A start has one of the first three: what there is before the program runs. */
const BEFORE = STEPS.indexOf("restore");
export const stepColour = (step: Step): string => `var(--step-${Math.max(0, STEPS.indexOf(step) - BEFORE)})`;
