import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Argv } from "yargs";
import { type BenchCell, benchCells } from "../bench/cells.ts";
import { milliseconds } from "../bench/format.ts";
import { eventOf } from "../bench/inputs.ts";
import { machineFacts } from "../bench/machine.ts";
import { earlierRun, regressions } from "../bench/regressions.ts";
import { RESULTS_FILE, type Result, readResults } from "../bench/results.ts";
import { type BenchItem, runBench } from "../bench/run.ts";
import { ascending, quantile } from "../bench/statistics.ts";
import { parseShare } from "../bench/wishes.ts";
import { connectDocker } from "../clients/docker.ts";
import { type LambdaBenchArgs, prepareLambdaBench } from "../command-line/bench-lambda.ts";
import { showNext } from "../command-line/closing.ts";
import { type MatrixArgs, matrixOptions, type Run } from "../command-line/options.ts";
import { loadProject, type Project, planBuilt } from "../command-line/prepare.ts";
import { UserError } from "../errors.ts";
import { digestOf } from "../files/digest.ts";
import { readLock } from "../models/lockfile.ts";
import { formatBytes, print, printJson, say, table } from "../output.ts";
import { cellName } from "../plan/cell-name.ts";
import { TOOL_VERSION } from "../tool-root.ts";

/** `--memory 512,1024` as numbers. */
const numbers = (description: string) =>
  ({
    array: true,
    string: true,
    requiresArg: true,
    description,
    coerce: (values: readonly string[] | undefined) =>
      values
        ?.flatMap((value) => String(value).split(","))
        .filter(Boolean)
        .map(Number),
  }) as const;

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .option("memory", numbers("Memory sizes in MB, from 128 to 10240 [default: as configured]"))
    .option("tokens", numbers("Tokens of each text that is sent, about [default: 16]"))
    .option("batch", numbers("Texts in one request [default: 1]"))
    .option("precision", {
      string: true,
      requiresArg: true,
      default: "5%",
      description: "How far the ends of a median's 95 % interval may be from it",
    })
    .option("max-time", {
      number: true,
      requiresArg: true,
      default: 900,
      description: "Seconds after which the intervals stay as wide as they are",
    })
    .option("results", {
      string: true,
      requiresArg: true,
      description: `File that results are appended to [default: ${RESULTS_FILE}]`,
    })
    .option("resume", {
      boolean: true,
      default: false,
      description: "Go on with the last run: measure what it has not",
    })
    .option("against", {
      string: true,
      requiresArg: true,
      description:
        "Compare with the `last` run or the run of this id; slower beyond the intervals: exit code 1",
    })
    .option("target", {
      choices: ["local", "lambda"] as const,
      default: "local" as const,
      requiresArg: true,
      description: "Where it is measured: on this machine, or in Lambda, in functions made for it",
    })
    .option("max-cost", {
      number: true,
      requiresArg: true,
      description: "Lambda: dollars that the run may cost; it stops before the round that would exceed them",
    })
    .option("yes", { boolean: true, default: false, description: "Lambda: do not ask whether it may cost" })
    .option("snap-start", {
      array: true,
      requiresArg: true,
      choices: ["on", "off"] as const,
      description: "Lambda: with a snapshot, without, or both [default: as the function has it]",
    })
    .option("concurrency", {
      number: true,
      requiresArg: true,
      description: "Lambda: also measure the throughput of so many callers at a time",
    })
    .example(
      "$0 bench --target lambda --function embed --memory 512,1024 --max-cost 0.50",
      "the deployed function in Lambda itself",
    )
    .example("$0 bench", "every built image, with Lambda's limits")
    .example("$0 bench --memory 512,1024,1769 --tokens 16,128 --batch 1,8", "a grid")
    .example("$0 bench --quantization fp32,int8 --against last", "regressions end with exit code 1");

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
}

/** @throws UserError (exit 2) for a number that is out of its range */
function requireRange(name: string, values: readonly number[] | undefined, from: number, to: number): void {
  for (const value of values ?? [])
    if (!Number.isInteger(value) || value < from || value > to)
      throw new UserError(`--${name} must be whole numbers from ${from} to ${to}, not ${value}`);
}

/** Every combination of cell, memory and input. */
async function itemsOf(cells: readonly BenchCell[], args: BenchArgs): Promise<BenchItem[]> {
  const images = cells.map(({ image }) => image);
  const items: BenchItem[] = [];
  for (const cell of cells)
    for (const memory of args.memory ?? [cell.image.memory])
      for (const tokens of args.tokens ?? [undefined])
        for (const batch of args.batch ?? [1]) {
          const { event, input } = await eventOf(cell.image.models[0], { tokens, batch });
          const grid = [
            ...(args.memory ? [`${memory} MB`] : []),
            ...(args.tokens ? [`${input.tokens} tokens`] : []),
            ...(args.batch ? [`batch ${batch}`] : []),
          ];
          items.push({ name: [cellName(cell.image, images), ...grid].join(" "), cell, memory, event, input });
        }
  return items;
}

/** What is measured, wherever it is. */
interface Item {
  readonly name: string;
  readonly configDigest: string;
  readonly snapStart?: boolean | undefined;
  readonly memory: number;
  readonly input: Result["input"];
}

/** Whether a line of results is of an item, and of the image that it has now. */
const isOf =
  (item: Item) =>
  ({ cell, memoryMB, input }: Result): boolean =>
    cell.configDigest === item.configDigest &&
    (cell.snapStart ?? false) === (item.snapStart ?? false) &&
    memoryMB === item.memory &&
    input.tokens === item.input.tokens &&
    input.batch === item.input.batch;

const median = (values: readonly number[] | undefined): string =>
  values?.length ? milliseconds(quantile(ascending(values), 0.5)) : "–";

const resultRow = (
  name: string,
  { status, fault, cold, warm, peakMemoryMB, sizes, accuracy, emulated }: Result,
) => [
  name,
  status === "failed" ? (fault ?? "failed") : emulated ? "emulated" : "measured",
  median(cold?.total),
  median(warm?.samples),
  warm?.samples.length ? milliseconds(quantile(ascending(warm.samples), 0.95)) : "–",
  peakMemoryMB === undefined ? "–" : `${Math.round(peakMemoryMB)} MB`,
  sizes ? formatBytes(sizes.packed) : "–",
  accuracy ? `${accuracy.metric} ${accuracy.value}` : "–",
];

const HEAD = ["cell", "result", "cold p50", "warm p50", "warm p95", "peak memory", "packed", "accuracy"];

/** The last run of this machine, to go on with. @throws UserError (exit 2) when there is none */
function lastRun(known: readonly Result[], file: string): Result["run"] {
  const run = known.at(-1)?.run;
  if (run) return run;
  throw new UserError(`There is no run to go on with in ${file}`, { hint: "Leave out --resume." });
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
  readonly hasEmulated: boolean;
}

interface Given {
  readonly project: Project;
  readonly known: readonly Result[];
  readonly precision: number;
  readonly file: string;
  readonly signal: AbortSignal;
}

async function onMachine(args: BenchArgs, { project, signal, ...given }: Given): Promise<Place> {
  const images = await planBuilt(project, signal);
  const docker = await connectDocker();
  const { cells, missing } = await benchCells(docker, images);
  const [first] = missing;
  if (cells.length === 0 && first) throw first.error;
  for (const { error } of missing) say(`note: ${error.message}: not measured. ${error.hint ?? ""}`);
  const items = await itemsOf(cells, args);
  return {
    items: items.map((item) => ({ ...item, configDigest: item.cell.cell.configDigest })),
    hasEmulated: cells.some(({ emulated }) => emulated),
    async facts() {
      const { ServerVersion, OperatingSystem } = (await docker.info()) as {
        ServerVersion: string;
        OperatingSystem: string;
      };
      return {
        machine: await machineFacts(),
        engine: { name: `Docker on ${OperatingSystem}`, version: ServerVersion },
      };
    },
    measure: (names, run) =>
      runBench(
        items.filter(({ name }) => names.has(name)),
        { ...given, docker, signal, run, cells, maxTime: args.maxTime },
      ),
  };
}

async function inLambda(args: BenchArgs, given: Given): Promise<Place> {
  const { items, region, measure } = await prepareLambdaBench(args, given);
  return {
    items: items.map(({ cell, ...item }) => ({ ...item, ...cell })),
    hasEmulated: false,
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

/** @throws UserError (exit 2) for options of Lambda without it, and for a limit that is no number of dollars */
function checkTarget({ target, maxCost, concurrency, snapStart, yes }: BenchArgs): void {
  if (maxCost !== undefined && !(maxCost > 0))
    throw new UserError(`--max-cost must be dollars above 0, not ${maxCost}`);
  requireRange("concurrency", concurrency === undefined ? [] : [concurrency], 1, 1000);
  if (target === "lambda") return;
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
  checkTarget(args);
  const precision = parseShare("precision", args.precision);
  const project = await loadProject(args);
  const folder = project.config.project;
  const file = args.results ? resolve(args.results) : join(folder, RESULTS_FILE);
  const known = existsSync(file) ? await readResults(file) : [];
  const comparable = known.filter(({ run }) => run.target === args.target);
  const earlier = args.against ? earlierRun(comparable, args.against) : undefined;
  const given = { project, known, precision, file, signal };
  const place = args.target === "lambda" ? await inLambda(args, given) : await onMachine(args, given);
  const run: Result["run"] = args.resume
    ? lastRun(comparable, file)
    : {
        id: randomUUID().slice(0, 8),
        startedAt: new Date().toISOString(),
        target: args.target,
        ...(await place.facts()),
        mkimage: TOOL_VERSION,
        lockDigest: digestOf(await readLock(folder)),
      };
  const all = place.items;
  const measured = args.resume
    ? known.filter((each) => each.run.id === run.id && each.status === "measured")
    : [];
  const items = all.filter((item) => !measured.some(isOf(item)));
  if (items.length < all.length) say(`${all.length - items.length} of ${all.length} were measured before`);
  const results = items.length > 0 ? await place.measure(new Set(items.map(({ name }) => name)), run) : [];
  const whole = [...measured, ...results];
  if (args.json) printJson(whole);
  else {
    const rows = all.flatMap((item) => {
      const result = whole.findLast(isOf(item));
      return result ? [resultRow(item.name, result)] : [];
    });
    print(table([HEAD, ...rows]));
    if (place.hasEmulated)
      say(
        "note: emulated cells have no times. Measure them on a machine of their architecture, and give `mkimage report` both files.",
      );
  }
  const [failed] = results;
  if (failed && results.every(({ status }) => status === "failed"))
    throw new UserError(`No cell could be measured: ${failed.fault}`, { reason: "check" });
  if (earlier) requireNoRegression(earlier, results);
  if (!args.json) showNext(["mkimage report --open", "mkimage recommend"]);
}
