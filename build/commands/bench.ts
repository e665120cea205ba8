import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Baseline } from "../bench/baselines.ts";
import { measuredName } from "../bench/figures.ts";
import { milliseconds } from "../bench/format.ts";
import { leftOut } from "../bench/left-out.ts";
import { earlierRun, regressions } from "../bench/regressions.ts";
import { RESULTS_FILE, type Result, readResults } from "../bench/results.ts";
import { checkAppendable } from "../bench/turns.ts";
import { parsePrecision } from "../bench/wishes.ts";
import { type LambdaBenchArgs, prepareLambdaBench } from "../command-line/bench-lambda.ts";
import { prepareLocalBench } from "../command-line/bench-local.ts";
import { benchOptions } from "../command-line/bench-options.ts";
import { benchNotes, benchTable } from "../command-line/bench-table.ts";
import { showNext } from "../command-line/closing.ts";
import type { MatrixArgs, Run } from "../command-line/options.ts";
import { loadProject, type Project } from "../command-line/prepare.ts";
import { UserError } from "../errors.ts";
import { digestOf } from "../files/digest.ts";
import { readLock } from "../models/lockfile.ts";
import { print, printJson, say } from "../output.ts";
import { TOOL_VERSION } from "../tool-root.ts";

export const builder = benchOptions;

interface BenchArgs extends MatrixArgs, Omit<LambdaBenchArgs, "os" | "arch" | "quantization"> {
  target: Result["run"]["target"];
  memory?: number[];
  tokens?: number[];
  batch?: number[];
  precision: string;
  maxTime: number;
  results?: string;
  resume: boolean;
  against?: string;
  baseline?: Baseline[];
}

/** @throws UserError (exit 2) for a number that is out of its range */
function requireRange(name: string, values: readonly number[] | undefined, from: number, to: number): void {
  for (const value of values ?? [])
    if (!Number.isInteger(value) || value < from || value > to)
      throw new UserError(`--${name} must be whole numbers from ${from} to ${to}, not ${value}`);
}

/** What is measured, wherever it is. */
interface Item {
  readonly name: string;
  readonly cell: Result["cell"];
  readonly memory: number;
  readonly input: Result["input"];
}

/** Whether a line of results is of an item, and of the image that it has now. */
const isOf =
  (item: Item) =>
  ({ cell, memoryMB, input }: Result): boolean =>
    cell.function === item.cell.function &&
    cell.configDigest === item.cell.configDigest &&
    cell.baseline === item.cell.baseline &&
    (cell.snapStart ?? false) === (item.cell.snapStart ?? false) &&
    memoryMB === item.memory &&
    input.tokens === item.input.tokens &&
    input.batch === item.input.batch;

/** What lines of one run have in common beside its name and start. */
const circumstances = ({
  machine: { cpu, features, cores },
  region,
  mkimage,
  lockDigest,
}: Result["run"]) => ({
  cpu,
  features,
  cores,
  region,
  mkimage,
  lockDigest,
});

/** The last run in the same circumstances, to go on with. @throws UserError (exit 2) when there is none */
function lastRun(known: readonly Result[], now: Result["run"], file: string): Result["run"] {
  const found = known.findLast(({ run }) => isDeepStrictEqual(circumstances(run), circumstances(now)));
  if (found) return found.run;
  throw new UserError(`There is no run to go on with in ${file}`, {
    hint:
      known.length > 0
        ? "Those in it are of another machine, version of mkimage or models/lock.json: leave out --resume."
        : "Leave out --resume.",
  });
}

/** Says which cells of the run stay interrupted, since the options ask for others. */
function noteLeftOut(left: readonly Result[]): void {
  if (left.length === 0) return;
  const names = left.map(({ cell, memoryMB }) => `${measuredName(cell)} at ${memoryMB} MB`);
  say(
    `note: interrupted in that run, and not asked for now: ${names.join(", ")}. To measure them, give the options of that run beside --resume`,
  );
}

/** Says where times are compared with those of another machine. */
function noteOtherMachine(earlier: readonly Result[], { machine }: Result["run"]): void {
  const other = earlier.find(({ run }) => run.machine.cpu !== machine.cpu);
  if (other)
    say(
      `note: the run ${other.run.id} was on another machine, with ${other.run.machine.cpu}: its times may be others`,
    );
}

/** @throws UserError (exit 1) that lists what is slower than in the earlier run */
function requireNoRegression(earlier: readonly Result[], results: readonly Result[]): void {
  const found = regressions(earlier, results);
  if (found.length === 0) return;
  const lines = found.map(
    ({ key, what, before, now }) =>
      `  ${key}: ${what} ${milliseconds(before.value)} → ${milliseconds(now.value)} (${(now.value / before.value).toFixed(2)} ×)`,
  );
  throw new UserError(
    `Slower than the run ${earlier[0]?.run.id}, beyond the intervals\n${lines.join("\n")}`,
    {
      reason: "check",
    },
  );
}

/** What there is to measure somewhere, and how its lines are made. */
interface Place {
  readonly items: readonly Item[];
  /** Facts of the run beside those that every run has. */
  facts(): Promise<Pick<Result["run"], "machine" | "engine" | "region">>;
  measure(names: ReadonlySet<string>, run: Result["run"]): Promise<Result[]>;
}

interface Given {
  readonly project: Project;
  readonly known: readonly Result[];
  readonly precision: number;
  readonly file: string;
  readonly signal: AbortSignal;
}

async function onMachine(args: BenchArgs, given: Given): Promise<Place> {
  const { items, facts, measure } = await prepareLocalBench(args, given);
  return {
    items: items.map(({ cell: { cell }, ...item }) => ({ ...item, cell })),
    facts,
    measure: (names, run) =>
      measure(
        items.filter(({ name }) => names.has(name)),
        { ...given, run, maxTime: args.maxTime },
      ),
  };
}

async function inLambda(args: BenchArgs, given: Given): Promise<Place> {
  const { items, region, measure } = await prepareLambdaBench(args, given);
  return {
    items,
    async facts() {
      // Lambda says nothing of its machines; the architecture is that of each line's cell.
      return { machine: { cpu: "AWS Lambda", arch: "amd64", features: [], cores: 0, memoryMB: 0 }, region };
    },
    measure: (names, run) =>
      measure(
        items.filter(({ name }) => names.has(name)),
        { ...given, run },
      ),
  };
}

/** @throws UserError (exit 2) for options of one place at the other, and for a limit that is no number of dollars */
function checkTarget({ target, maxCost, concurrency, snapStart, yes, baseline }: BenchArgs): void {
  if (maxCost !== undefined && !(maxCost > 0))
    throw new UserError(`--max-cost must be dollars above 0, not ${maxCost}`);
  requireRange("concurrency", concurrency === undefined ? [] : [concurrency], 1, 1000);
  if (target === "lambda") {
    if (baseline)
      throw new UserError("--baseline is for measuring on this machine", {
        hint: "Leave out --target lambda.",
      });
    return;
  }
  const given = Object.entries({
    "max-cost": maxCost,
    concurrency,
    "snap-start": snapStart,
    yes: yes || undefined,
  });
  const [name] = given.find(([, value]) => value !== undefined) ?? [];
  if (name)
    throw new UserError(`--${name} is for measuring in Lambda`, {
      hint: "Add --target lambda, or leave it out.",
    });
}

export async function handler(args: BenchArgs, { signal }: Run): Promise<void> {
  requireRange("memory", args.memory, 128, 10240);
  requireRange("tokens", args.tokens, 1, 100_000);
  requireRange("batch", args.batch, 1, 10_000);
  if (args.maxTime <= 0) throw new UserError(`--max-time must be seconds above 0, not ${args.maxTime}`);
  checkTarget(args);
  const precision = parsePrecision(args.precision);
  const project = await loadProject(args);
  const folder = project.config.project;
  const file = args.results ? resolve(args.results) : join(folder, RESULTS_FILE);
  const known = existsSync(file) ? await readResults(file) : [];
  await checkAppendable(file);
  const comparable = known.filter(({ run }) => run.target === args.target);
  const given = { project, known, precision, file, signal };
  const place = args.target === "lambda" ? await inLambda(args, given) : await onMachine(args, given);
  const begun: Result["run"] = {
    id: randomUUID().slice(0, 8),
    startedAt: new Date().toISOString(),
    target: args.target,
    ...(await place.facts()),
    mkimage: TOOL_VERSION,
    lockDigest: digestOf(await readLock(folder)),
  };
  const run = args.resume ? lastRun(comparable, begun, file) : begun;
  const all = place.items;
  const asked = all.map(({ cell, memory, input }) => ({ run, cell, memoryMB: memory, input }));
  const earlier = args.against
    ? earlierRun(
        comparable.filter((each) => each.run.id !== run.id),
        args.against,
        asked,
      )
    : undefined;
  if (earlier) noteOtherMachine(earlier, run);
  const ofRun = known.filter((each) => each.run.id === run.id);
  noteLeftOut(leftOut(ofRun, asked));
  const measured = ofRun.filter((each) => each.status === "measured" && !each.interrupted);
  const items = all.filter((item) => !measured.some(isOf(item)));
  if (items.length < all.length) say(`${all.length - items.length} of ${all.length} were measured before`);
  const results = items.length > 0 ? await place.measure(new Set(items.map(({ name }) => name)), run) : [];
  const whole = [...measured, ...results];
  if (args.json) printJson(whole);
  else {
    const rows = all.flatMap((item) => {
      const result = whole.findLast(isOf(item));
      return result ? [[item.name, result] as const] : [];
    });
    print(benchTable(rows));
    for (const note of benchNotes(rows)) say(note);
  }
  const [failed] = results;
  if (failed && results.every(({ status }) => status === "failed"))
    throw new UserError(`No cell could be measured: ${failed.fault}`, { reason: "check" });
  if (earlier) requireNoRegression(earlier, whole);
  if (!args.json) showNext(["mkimage report --open", "mkimage recommend"]);
}
