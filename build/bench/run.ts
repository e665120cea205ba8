import type Docker from "dockerode";
import { screen } from "../display/screen.ts";
import { type BenchCell, sizesOf } from "./cells.ts";
import { measureRound } from "./measure.ts";
import { RESULTS_VERSION, type Result } from "./results.ts";
import { appendResult, type Finding, type Turns, takeTurns } from "./turns.ts";

/** A cell with a memory size and an input: what one line of results is about. */
export interface BenchItem {
  readonly name: string;
  readonly cell: BenchCell;
  readonly memory: number;
  readonly event: string;
  readonly input: Result["input"];
}

export interface BenchOptions extends Pick<Turns<BenchItem>, "signal" | "precision" | "maxTime" | "file"> {
  readonly docker: Docker;
  readonly run: Result["run"];
  /** Every cell of the run, for the layers that they share. */
  readonly cells: readonly BenchCell[];
}

/** New processes and warm calls of each round. Rounds of cells take turns, so that what else the machine does hits all alike. */
const COLD = 3;
const WARM = 50;

function toResult(
  { cell, memory, input }: BenchItem,
  finding: Finding,
  { run, cells }: BenchOptions,
): Result {
  return {
    version: RESULTS_VERSION,
    run,
    measuredAt: new Date().toISOString(),
    cell: cell.cell,
    memoryMB: memory,
    input,
    emulated: cell.emulated,
    ...finding,
    sizes: sizesOf(cell, cells),
    ...(cell.accuracy && { accuracy: cell.accuracy }),
  };
}

/**
 * Measures items in containers of this machine by turns, and appends a line of results for each. Emulated ones get sizes
 * and accuracy alone, at once.
 * @returns the lines that were appended
 */
export async function runBench(items: readonly BenchItem[], options: BenchOptions): Promise<Result[]> {
  const { docker, signal, file } = options;
  screen.phase("measuring");
  const emulated: Result[] = [];
  for (const item of items) {
    const row = screen.row("cells", item.name);
    if (!item.cell.emulated) continue;
    row.done("emulated: sizes alone");
    const result = toResult(item, { status: "measured" }, options);
    await appendResult(file, result);
    emulated.push(result);
  }
  const timed = await takeTurns(
    items.filter(({ cell }) => !cell.emulated),
    {
      ...options,
      toResult: (item, finding) => toResult(item, finding, options),
      round: ({ cell, event, memory }) =>
        measureRound(cell.image, { event, memory, cold: COLD, warm: WARM }, { docker, signal }),
    },
  );
  return [...emulated, ...timed];
}
