import type { Invocation, Lambda } from "../../clients/lambda.ts";
import { type Report, readReport, readStarts } from "../../clients/lambda-report.ts";
import { UserError } from "../../errors.ts";
import { functionError } from "../../smoke/function-error.ts";
import { type Measured, WARM_UP } from "../measure.ts";
import { type Budget, callCost, snapshotCost } from "./budget.ts";
import type { BenchFunction } from "./function.ts";
import { COLD, type LambdaItem, sizeOf, WARM } from "./item.ts";

export interface RoundOptions {
  readonly lambda: Lambda;
  readonly budget: Budget;
}

interface Answer {
  /** Undefined where the log has none. */
  readonly report: Report | undefined;
  readonly log: string;
}
type Reported = Answer & { readonly report: Report };

/** What went wrong before the function could answer, by the reports of its starts. */
function failedStart(log: string): string {
  const failed = readStarts(log).find(({ status }) => status !== undefined);
  if (!failed) return "";
  const { kind, status, errorType, duration } = failed;
  const what = [status, errorType].filter(Boolean).join(", ");
  return `; its ${kind} ended after ${Math.round(duration)} ms with ${what}`;
}

/**
 * The report of a call; undefined where the log has none.
 * @throws UserError (exit 1) for an answer that is an error
 */
function reportOf(name: string, { body, error, log }: Invocation): Report | undefined {
  const report = readReport(log);
  const fault = error && (functionError(body) ?? body.slice(0, 500));
  if (!fault && !report?.status) return report;
  const what = fault ?? `${report?.status} ${report?.errorType ?? ""}`.trim();
  throw new UserError(`${name} answered with an error: ${what}${failedStart(log)}`, { reason: "check" });
}

function unknownLog(name: string, log: string): UserError {
  const last = log.trimEnd().split("\n").at(-1) ?? "";
  return new UserError(
    `The log of ${name} ends with no report that mkimage knows: ${JSON.stringify(last.slice(0, 300))}`,
    { reason: "check" },
  );
}

/**
 * Calls the function as it is now, and counts what that costs.
 * @throws UserError (exit 1) for an answer that is an error
 */
export function caller(
  item: LambdaItem,
  target: BenchFunction,
  { lambda, budget }: RoundOptions,
): () => Promise<Answer> {
  const { event, source, price } = item;
  return async () => {
    const reply = await lambda.invoke(target.name, {
      qualifier: target.qualifier,
      event,
      seconds: source.settings.timeout,
    });
    const { log, milliseconds } = reply;
    const { duration = milliseconds, init = 0, billed, restored = false } = readReport(log) ?? {};
    budget.add(callCost(price, sizeOf(item), billed ?? duration + init, restored));
    return { report: reportOf(target.name, reply), log };
  };
}

/** Calls in a row whose log may lack the report: it comes with the answer, and now and then too late for it. */
const WITHOUT_REPORT = 3;

/** The same, again where the log has no report. @throws UserError (exit 1) where it never has one */
function reportedCaller(
  item: LambdaItem,
  target: BenchFunction,
  options: RoundOptions,
): () => Promise<Reported> {
  const call = caller(item, target, options);
  return async () => {
    for (let left = WITHOUT_REPORT; ; left--) {
      const { report, log } = await call();
      if (report) return { report, log };
      if (left === 1) throw unknownLog(target.name, log);
    }
  };
}

/** What the program tells of its start, in a line of level DEBUG; nothing where it tells nothing. */
function toldSteps(log: string): Record<string, number> {
  const line = log.split("\n").find((each) => each.startsWith("{") && each.includes('"message":"started"'));
  try {
    return (JSON.parse(line ?? "{}") as { milliseconds?: Record<string, number> }).milliseconds ?? {};
  } catch {
    // The log has only its last 4 KB.
    return {};
  }
}

/** The steps of a start: those of the program, and what Lambda took beside them. */
function stepsOf({ init = 0, restored }: Report, log: string): Measured["starts"][number]["steps"] {
  if (restored) return { restore: init };
  const { node, session, tokenizer } = toldSteps(log);
  if (node === undefined || session === undefined || tokenizer === undefined) return { init };
  return { init: Math.max(0, init - node - session - tokenizer), node, session, tokenizer };
}

/**
 * Measures one round: starts, each of an environment that the function has not had, and calls of the last one. The starts
 * from a snapshot are those of one version, all at once: every version would be billed for hours.
 * @throws UserError (exit 1) when it answers with an error, or starts no new environment. Where
 * the budget ends, it gives what has been measured by then.
 */
export async function lambdaRound(
  item: LambdaItem,
  target: BenchFunction,
  options: RoundOptions,
): Promise<Measured> {
  const { memory, snapStart, price } = item;
  const { budget } = options;
  const call = reportedCaller(item, target, options);
  const starts: Measured["starts"][number][] = [];
  const calls: number[] = [];
  let peakMB = 0;
  let dearest = 0;
  let isSpent = false;
  const note = ({ report, log }: Reported, isWarm: boolean) => {
    const { duration, init, billed, maxMemoryMB = 0 } = report;
    peakMB = Math.max(peakMB, maxMemoryMB);
    if (init !== undefined)
      starts.push({ milliseconds: init + duration, steps: stepsOf(report, log), billed });
    else if (isWarm) calls.push(duration);
  };
  if (snapStart) {
    await target.renew({ memory, snapStart, tellsSteps: false });
    budget.add(snapshotCost(price, sizeOf(item)));
    for (const each of await Promise.all(Array.from({ length: COLD }, call))) note(each, false);
  } else
    for (let tries = 0, start = 0; starts.length < COLD && tries < 2 * COLD; tries++) {
      isSpent = !budget.allows(start);
      if (isSpent) break;
      const before = budget.spent;
      // The last one goes on with the calls, and is to log no more than it does for its callers.
      await target.renew({ memory, snapStart, tellsSteps: starts.length < COLD - 1 });
      note(await call(), false);
      start = Math.max(start, budget.spent - before);
    }
  if (starts.length === 0)
    throw new UserError(`Lambda has started no new environment of ${target.name}`, { reason: "check" });
  for (let each = 0; each < WARM_UP + WARM && !isSpent; each++) {
    if (!budget.allows(dearest)) break;
    const before = budget.spent;
    note(await call(), each >= WARM_UP);
    dearest = Math.max(dearest, budget.spent - before);
  }
  // The init of a start that tells no steps is more than what Lambda takes beside those of another.
  const isTold = starts.some(({ steps }) => steps.node !== undefined);
  const comparable = isTold
    ? starts.map((each) => (each.steps.node === undefined ? { ...each, steps: {} } : each))
    : starts;
  return { starts: comparable, calls, peakMB };
}
