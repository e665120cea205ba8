import { screen } from "../../display/screen.ts";
import { EXIT, type UserError } from "../../errors.ts";
import { say } from "../../output.ts";
import { dollars } from "../format.ts";
import { WARM_UP } from "../measure.ts";
import { RESULTS_VERSION, type Result } from "../results.ts";
import { type Finding, type Turns, takeTurns } from "../turns.ts";
import { Budget, callCost, roundCost } from "./budget.ts";
import { concurrentCalls, EACH } from "./concurrent.ts";
import { BenchFunction, type FunctionOptions } from "./function.ts";
import { COLD, type LambdaItem, sizeOf, WARM } from "./item.ts";
import { caller, lambdaRound } from "./round.ts";

export interface LambdaBenchOptions
  extends Pick<Turns<LambdaItem>, "precision" | "maxTime" | "file">,
    Omit<FunctionOptions, "run"> {
  readonly run: Result["run"];
  /** Dollars; Infinity without a limit. */
  readonly maxCost: number;
  /** Callers at a time, for the throughput; 0 measures none. */
  readonly callers: number;
}

/** Dollars of the next round of an item, about, before one is measured. */
export const guessedRound = (item: LambdaItem): number =>
  roundCost({
    price: item.price,
    size: sizeOf(item),
    snapStart: item.snapStart,
    cold: COLD,
    warm: WARM_UP + WARM,
    ...item.known,
  });

/** Dollars of measuring the throughput of callers, about. */
export const guessedCallers = (item: LambdaItem, callers: number): number =>
  roundCost({
    price: item.price,
    size: sizeOf(item),
    snapStart: false,
    cold: callers,
    warm: callers * EACH,
    ...item.known,
  });

const toResult = ({ cell, memory, input }: LambdaItem, finding: Finding, run: Result["run"]): Result => ({
  version: RESULTS_VERSION,
  run: { ...run, machine: { ...run.machine, arch: cell.arch } },
  measuredAt: new Date().toISOString(),
  cell,
  memoryMB: memory,
  input,
  emulated: false,
  ...finding,
});

/** Whether credentials or permissions are at fault, and not the item: what Lambda refuses of one may be right for another. */
const isOfAccount = ({ exitCode, message }: UserError): boolean =>
  exitCode === EXIT.environment && !message.startsWith("AWS refuses");

/**
 * Measures items in Lambda by turns, in functions that are made for it and removed at the end, and appends a line of results
 * for each. No round begins that would exceed the budget; what has been measured by then is kept.
 * @returns the lines that were appended
 * @throws UserError (exit 3) when credentials or permissions do not do; what has been measured is kept
 */
export async function runLambdaBench(
  items: readonly LambdaItem[],
  options: LambdaBenchOptions,
): Promise<Result[]> {
  const { run, maxCost, callers, lambda } = options;
  const budget = new Budget(maxCost);
  const sources = [...new Set(items.map(({ source }) => source))];
  const functions = new Map(
    sources.map((source, place) => [source, new BenchFunction(source, place, { ...options, run: run.id })]),
  );
  const targetOf = ({ source }: LambdaItem) => functions.get(source) as BenchFunction;
  const nextRound = (item: LambdaItem): number => budget.dearestRound(item) ?? guessedRound(item);
  screen.phase("measuring");
  for (const { name } of items) screen.row("cells", name);
  try {
    return await takeTurns(items, {
      ...options,
      endsRun: isOfAccount,
      toResult: (item, finding) => toResult(item, finding, run),
      obstacle: (item) => (budget.allows(nextRound(item)) ? undefined : budget.refusal(nextRound(item))),
      round: (item) => budget.round(item, () => lambdaRound(item, targetOf(item), { lambda, budget })),
      last: async (item, { cold, warm }) => {
        if (callers === 0) return undefined;
        const most = (times: readonly number[] = []) =>
          callCost(item.price, sizeOf(item), Math.max(0, ...times), item.snapStart);
        const [start, call] = [most(cold?.billed), most(warm?.samples)];
        const cost = callers * (start + EACH * call);
        if (!budget.allows(cost)) {
          say(`note: ${item.name}: no throughput of ${callers} callers: ${budget.refusal(cost)}`);
          return undefined;
        }
        const target = caller(item, targetOf(item), { lambda, budget });
        const allows = () => budget.allows(callers * call);
        return concurrentCalls(target, { name: item.name, callers, allows });
      },
    });
  } finally {
    const removals = await Promise.allSettled([...functions.values()].map((each) => each.remove()));
    say(`the run has cost about ${dollars(budget.spent)}`);
    for (const each of removals)
      if (each.status === "rejected")
        say(`note: a function was not removed, and the next run will: ${(each.reason as Error).message}`);
  }
}
