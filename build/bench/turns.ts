import { constants, existsSync } from "node:fs";
import { access, appendFile, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { screen } from "../display/screen.ts";
import { UserError } from "../errors.ts";
import { checkWritable } from "../files/atomic.ts";
import { systemFault } from "../files/system-fault.ts";
import { say } from "../output.ts";
import type { Measured } from "./measure.ts";
import type { Result } from "./results.ts";
import { Collected } from "./rounds.ts";
import { ascending, quantile } from "./statistics.ts";

/** What was found of an item: the part of a result line that is not known before. */
export type Finding = Pick<Result, "status"> &
  Partial<Pick<Result, "interrupted" | "fault" | "cold" | "warm" | "peakMemoryMB">>;

/** How items are measured, and what their lines are. */
export interface Turns<T> {
  readonly signal: AbortSignal;
  /** Half of the interval's width, in parts of the median, that is narrow enough. */
  readonly precision: number;
  /** Seconds after which what has been measured counts, however wide its interval is. */
  readonly maxTime: number;
  /** File that every line is appended to when it is complete. */
  readonly file: string;
  toResult(item: T, finding: Finding): Result;
  /** Measures one round. @throws UserError where the item cannot be measured */
  round(item: T): Promise<Measured>;
  /** Measures once, after the last round, what no round does. */
  last?(item: T, found: Pick<Result, "cold" | "warm">): Promise<NonNullable<Result["warm"]>["concurrent"]>;
  /** Whether an error of one item is one of all: credentials that have expired, a permission that lacks. */
  endsRun?(error: UserError): boolean;
  /** Why no further round of the item may begin; undefined where it may. */
  obstacle?(item: T): string | undefined;
}

/** Rounds whose intervals say something. */
const FEWEST = 3;

/** Whether a file ends within a line, as a full disk or the end of the machine leaves it. */
async function breaksOff(file: string): Promise<boolean> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== "\n";
}

/** @throws UserError (exit 2) where no line can be appended, before anything is measured */
export async function checkAppendable(file: string): Promise<void> {
  const check = existsSync(file) ? access(file, constants.W_OK) : checkWritable(file);
  await check.catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`Cannot write ${file}: ${systemFault(cause)}`, {
      hint: "Name another file with --results.",
      cause,
    });
  });
}

/** Appends a line in one write, so that runs side by side do not mix theirs. */
export async function appendResult(file: string, result: Result): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const start = (await breaksOff(file).catch(() => false)) ? "\n" : "";
  await appendFile(file, `${start}${JSON.stringify(result)}\n`);
}

const shown = ({ rounds, calls }: Collected): string =>
  `round ${rounds}${calls.length > 0 ? `, warm ${quantile(ascending(calls), 0.5).toFixed(1)} ms` : ""}`;

/**
 * Measures items by turns until the interval of each is narrow, and appends a line of results for each as soon as it is.
 * One that fails is a line with its fault, and the others go on. When it is aborted, what has been measured by then is kept.
 * @returns the lines that were appended
 */
export async function takeTurns<T extends { readonly name: string }>(
  items: readonly T[],
  turns: Turns<T>,
): Promise<Result[]> {
  const { signal, precision, maxTime, file } = turns;
  const results: Result[] = [];
  const done = async (item: T, finding: Finding) => {
    const result = turns.toResult(item, finding);
    await appendResult(file, result);
    results.push(result);
  };
  const open = new Map(items.map((item) => [item, new Collected()]));
  const end = performance.now() + maxTime * 1000;

  /** One turn of an item. @returns its finding when it is complete */
  async function turn(item: T, collected: Collected): Promise<Finding | undefined> {
    const row = screen.row("cells", item.name);
    const obstacle = turns.obstacle?.(item);
    if (obstacle === undefined) {
      collected.add(await turns.round(item));
      row.running(shown(collected));
    } else if (collected.rounds === 0) throw new UserError(`not measured: ${obstacle}`);
    const isLate = obstacle !== undefined || performance.now() > end;
    const isNarrow = collected.isNarrow(precision);
    if (!isLate && (collected.rounds < FEWEST || !isNarrow)) return undefined;
    const { warm, ...found } = collected.result();
    const concurrent = obstacle === undefined ? await turns.last?.(item, { ...found, warm }) : undefined;
    row.done(
      `${shown(collected)}${isNarrow ? "" : `, interval wider than asked${obstacle ? `: ${obstacle}` : ""}`}`,
    );
    return {
      status: "measured",
      ...found,
      ...(warm && { warm: { ...warm, ...(concurrent && { concurrent }) } }),
    };
  }

  try {
    while (open.size > 0) {
      for (const [item, collected] of [...open]) {
        const finding = await turn(item, collected).catch((error: unknown): Finding => {
          signal.throwIfAborted();
          if (!(error instanceof UserError) || turns.endsRun?.(error)) throw error;
          screen.row("cells", item.name).failed();
          return { status: "failed", fault: error.message };
        });
        if (!finding) continue;
        open.delete(item);
        await done(item, finding);
      }
    }
  } finally {
    // After Ctrl-C, or an error that ends the run: those that have a round at least.
    const begun = [...open].filter(([, { rounds }]) => rounds > 0);
    for (const [item, collected] of begun) {
      await done(item, { status: "measured", interrupted: true, ...collected.result() });
      screen.row("cells", item.name).done(`${shown(collected)}, interrupted`);
    }
    if (open.size > 0 && results.length > 0)
      say("What has been measured is kept: the same command with --resume measures the rest.");
  }
  return results;
}
