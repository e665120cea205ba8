import { isatty } from "node:tty";
import type { Built } from "../builder/built.ts";
import { addSummary } from "../display/github.ts";
import { screen } from "../display/screen.ts";
import { formatBytes, print, say, table } from "../output.ts";
import { cellName } from "../plan/cell-name.ts";
import { tellingFigure } from "../plan/model-report.ts";

/** What a command ends with on stderr. */
export interface Closing {
  readonly title: string;
  /** The first row is the head. */
  readonly rows: readonly (readonly string[])[];
  /** The commands that usually come next. */
  readonly next: readonly string[];
}

/** Shows a command's results as a table, also in the summary of a job of GitHub Actions, and what usually comes next. */
export function showClosing({ title, rows, next }: Closing): void {
  addSummary(title, rows);
  screen.rest();
  say(`\n${table(rows)}`);
  showNext(next);
}

/** Shows the commands that usually come next; their order is that of use. */
export function showNext(commands: readonly string[]): void {
  if (commands.length > 0) say(`\nNext:\n${commands.map((command) => `  ${command}`).join("\n")}`);
}

/**
 * The references of images, a line each, as a command's result. On a terminal that shows them in a table already they are
 * left out.
 */
export function printReferences(references: readonly string[], { progress }: { progress: string }): void {
  const isShown = isatty(1) && isatty(2) && progress !== "quiet";
  if (!isShown) print(references.join("\n"));
}

/** The gate's figure of each model of an image. */
const gateOf = ({ models }: Built): string =>
  models
    .flatMap(({ report }) => (report ? [tellingFigure(report)] : []))
    .filter(Boolean)
    .join(", ");

type Column = readonly [head: string, cell: (image: Built) => string | undefined];

/** The table of built images; a column that nothing is known for is left out. */
export function builtTable(built: readonly Built[]): string[][] {
  const isPacked = built.every(({ size }) => size?.packed);
  const rowOf = (image: Built) => screen.row("cells", cellName(image, built));
  const columns: Column[] = [
    ["image", ({ reference }) => reference],
    [isPacked ? "packed" : "unpacked", ({ size }) => size && formatBytes(size.bytes)],
    ["of which shared", ({ size }) => (size?.shared ? formatBytes(size.shared) : undefined)],
    ["gate", gateOf],
    ["seconds", (image) => rowOf(image).seconds.toFixed(1)],
  ];
  const known = columns.filter(([, cell]) => built.some(cell));
  return [known.map(([head]) => head), ...built.map((image) => known.map(([, cell]) => cell(image) ?? "–"))];
}
