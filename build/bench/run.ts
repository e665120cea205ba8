import type Docker from "dockerode";
import { screen } from "../display/screen.ts";
import { requireSameWork } from "./baselines.ts";
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
  const sizes = sizesOf(cell, cells);
  return {
    version: RESULTS_VERSION,
    run,
    measuredAt: new Date().toISOString(),
    cell: cell.cell,
    memoryMB: memory,
    input,
    emulated: cell.emulated,
    ...finding,
    ...(sizes && { sizes }),
    ...(cell.accuracy && { accuracy: cell.accuracy }),
  };
}

/** What cells answer to events; each is asked once. */
class Answers {
  readonly #known = new Map<string, Promise<string>>();

  of(cell: BenchCell, event: string, options: Pick<BenchOptions, "docker" | "signal">): Promise<string> {
    const key = JSON.stringify([cell.image.reference, event]);
    const ask = async () => {
      const once = { event, memory: cell.image.memory, cold: 0, warm: 0 };
      return (await measureRound(cell.image, once, options)).answer ?? "";
    };
    const answer = this.#known.get(key) ?? ask();
    this.#known.set(key, answer);
    return answer;
  }
}

/** Measures a round of an item, and of a baseline also whether it does the work that is measured. */
async function roundOf({ cell, event, memory, input }: BenchItem, answers: Answers, options: BenchOptions) {
  const { docker, signal } = options;
  const round = { event, memory, cold: COLD, warm: WARM };
  const program = cell.program?.({ memory, input });
  const measured = await measureRound(cell.image, round, { docker, signal, ...program });
  if (cell.like)
    requireSameWork(measured.answer ?? "", await answers.of(cell.like, event, options), cell.like);
  return measured;
}

/**
 * Measures items in containers of this machine by turns, and appends a line of results for each. Emulated ones get sizes
 * and accuracy alone, at once.
 * @returns the lines that were appended
 */
export async function runBench(items: readonly BenchItem[], options: BenchOptions): Promise<Result[]> {
  const { file } = options;
  const answers = new Answers();
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
      round: (item) => roundOf(item, answers, options),
    },
  );
  return [...emulated, ...timed];
}
