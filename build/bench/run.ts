import { appendFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type Docker from "dockerode";
import { screen } from "../display/screen.ts";
import { UserError } from "../errors.ts";
import { type BenchCell, sizesOf } from "./cells.ts";
import { measureRound } from "./measure.ts";
import { RESULTS_VERSION, type Result } from "./results.ts";
import { Collected } from "./rounds.ts";
import { ascending, quantile } from "./statistics.ts";

/** A cell with a memory size and an input: what one line of results is about. */
export interface BenchItem {
  readonly name: string;
  readonly cell: BenchCell;
  readonly memory: number;
  readonly event: string;
  readonly input: Result["input"];
}

export interface BenchOptions {
  readonly docker: Docker;
  readonly signal: AbortSignal;
  readonly run: Result["run"];
  /** Every cell of the run, for the layers that they share. */
  readonly cells: readonly BenchCell[];
  /** Half of the interval's width, in parts of the median, that is narrow enough. */
  readonly precision: number;
  /** Seconds after which what has been measured counts, however wide its interval is. */
  readonly maxTime: number;
  /** File that every line is appended to when it is complete. */
  readonly file: string;
}

/** New processes and warm calls of each round. Rounds of cells take turns, so that what else the machine does hits all alike. */
const COLD = 3;
const WARM = 50;
const FEWEST = 3;

type Finding = Pick<Result, "status"> & Partial<Pick<Result, "fault" | "cold" | "warm" | "peakMemoryMB">>;

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

/** Appends a line in one write, so that runs side by side do not mix theirs. */
async function append(file: string, result: Result): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await appendFile(file, `${JSON.stringify(result)}\n`);
}

const shown = (collected: Collected): string =>
  `round ${collected.rounds}, warm ${quantile(ascending(collected.calls), 0.5).toFixed(1)} ms`;

/**
 * Measures items by turns until the interval of each is narrow, and appends a line of results for each as soon as it is.
 * Emulated ones get sizes and accuracy alone, at once. One that fails is a line with its fault, and the others go on. When
 * it is aborted, what has been measured by then is kept.
 * @returns the lines that were appended
 */
export async function runBench(items: readonly BenchItem[], options: BenchOptions): Promise<Result[]> {
  const { docker, signal, file, precision, maxTime } = options;
  const results: Result[] = [];
  const done = async (item: BenchItem, finding: Finding) => {
    const result = toResult(item, finding, options);
    await append(file, result);
    results.push(result);
  };
  screen.phase("measuring");
  const open = new Map<BenchItem, Collected>();
  for (const item of items) {
    const row = screen.row("cells", item.name);
    if (item.cell.emulated) {
      row.done("emulated: sizes alone");
      await done(item, { status: "measured" });
    } else open.set(item, new Collected());
  }
  const end = performance.now() + maxTime * 1000;
  try {
    while (open.size > 0) {
      for (const [item, collected] of [...open]) {
        const row = screen.row("cells", item.name);
        const round = { event: item.event, memory: item.memory, cold: COLD, warm: WARM };
        try {
          collected.add(await measureRound(item.cell.image, round, { docker, signal }));
        } catch (error) {
          signal.throwIfAborted();
          if (!(error instanceof UserError)) throw error;
          open.delete(item);
          row.failed();
          await done(item, { status: "failed", fault: error.message });
          continue;
        }
        row.running(shown(collected));
        const isLate = performance.now() > end;
        if (collected.rounds < FEWEST && !isLate) continue;
        if (!isLate && !collected.isNarrow(precision)) continue;
        open.delete(item);
        row.done(`${shown(collected)}${collected.isNarrow(precision) ? "" : ", interval wider than asked"}`);
        await done(item, { status: "measured", ...collected.result() });
      }
    }
  } finally {
    // After Ctrl-C: those that have a round at least.
    if (signal.aborted)
      for (const [item, collected] of open)
        if (collected.rounds > 0) await done(item, { status: "measured", ...collected.result() });
  }
  return results;
}
