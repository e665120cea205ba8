import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Argv } from "yargs";
import { cautions, isOfFuture } from "../bench/cautions.ts";
import { type Series, seriesOf } from "../bench/figures.ts";
import { withImageFacts } from "../bench/image-facts.ts";
import { unpriced } from "../bench/prices/costs.ts";
import { type Price, priceOf, readPrices } from "../bench/prices/prices.ts";
import { RESULTS_FILE, type Result, readResults } from "../bench/results.ts";
import type { Arch } from "../catalog.ts";
import { CONFIG_FILE, loadConfig } from "../config/config.ts";
import { UserError } from "../errors.ts";
import { oneOf } from "../known-names.ts";
import { counted, say } from "../output.ts";
import { matrixLists } from "./options.ts";

export interface FiguresArgs {
  config?: string;
  results?: string[];
  function?: string;
  region?: string;
  target?: Result["run"]["target"];
  os?: string[];
  arch?: string[];
  quantization?: string[];
}

/** Options of the commands that read results: which files, which cells of them, and whose prices. */
export const figuresOptions = <T>(yargs: Argv<T>) =>
  matrixLists(
    yargs
      .option("config", {
        string: true,
        requiresArg: true,
        description: `Configuration file of the project [default: ${CONFIG_FILE}]`,
      })
      .option("results", {
        array: true,
        string: true,
        requiresArg: true,
        description: `Files of results, several of them for several machines [default: ${RESULTS_FILE}]`,
      })
      .option("function", { string: true, requiresArg: true, description: "Function of the results" })
      .option("target", {
        choices: ["local", "lambda"] as const,
        requiresArg: true,
        description: "Where it was measured [default: lambda, where there are such results]",
      })
      .option("region", {
        string: true,
        requiresArg: true,
        description: "Region whose prices count [default: that of the results, AWS_REGION, or us-east-1]",
      }),
    "all of the results",
  );

/** What a command draws from. */
export interface Measured {
  readonly project: string;
  readonly region: string;
  readonly series: readonly Series[];
  readonly price: (arch: Arch) => Price;
}

const isWanted = ({ cell }: Result, args: FiguresArgs): boolean =>
  (["os", "arch", "quantization"] as const).every(
    // A baseline is no cell of the matrix: only its architecture is asked for.
    (axis) => !args[axis]?.length || (cell.baseline && axis !== "arch") || args[axis].includes(cell[axis]),
  ) &&
  (args.function === undefined || cell.function === args.function);

/** Lines that are in several files count once. */
const unique = (results: readonly Result[]): Result[] => [
  ...new Map(
    results.map((each) => [
      JSON.stringify([each.run.id, each.measuredAt, each.cell, each.memoryMB, each.input]),
      each,
    ]),
  ).values(),
];

function regionOf(results: readonly Result[], { region }: FiguresArgs): string {
  const measured = results.findLast(({ run }) => run.region)?.run.region;
  return region ?? measured ?? process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"] ?? "us-east-1";
}

/**
 * Results of one place: times of this machine and of Lambda are not compared. Those of Lambda are the real ones.
 * @throws UserError (exit 2) where the asked place has none
 */
function ofOneTarget(results: readonly Result[], { target }: FiguresArgs): Result[] {
  const found = new Set(results.map(({ run }) => run.target));
  const wanted = target ?? (found.has("lambda") ? "lambda" : "local");
  if (!found.has(wanted)) {
    throw new UserError(`No result was measured ${wanted === "lambda" ? "in Lambda" : "on a machine"}`, {
      hint: "Leave out --target.",
    });
  }
  if (target === undefined && found.size > 1) {
    say("The results are of this machine and of Lambda: those of Lambda count. The others: --target local");
  }
  return results.filter(({ run }) => run.target === wanted);
}

/** Lines without those of a clock that was ahead, of which a note tells. */
function withoutFuture(results: readonly Result[]): Result[] {
  const now = Date.now();
  const past = results.filter((each) => !isOfFuture(each, now));
  const lines = counted(results.length - past.length, "line");
  if (past.length < results.length)
    say(`note: ${lines} of results left out: measured by a clock that is ahead of this one`);
  return past;
}

/** MB of /tmp that mkimage.json gives each function, where there is one. */
async function storageSizes({ config }: FiguresArgs): Promise<ReadonlyMap<string, number>> {
  if (!existsSync(resolve(config ?? CONFIG_FILE))) return new Map();
  const { functions } = await loadConfig({ config });
  return new Map(
    functions.flatMap(({ name, deploy }) =>
      deploy.ephemeralStorage === undefined ? [] : [[name, deploy.ephemeralStorage] as const],
    ),
  );
}

/**
 * Reads results and prices, and makes figures of them.
 * @throws UserError (exit 2) where there are none, for a name that no result has, and for a region without prices
 */
export async function loadFigures(args: FiguresArgs): Promise<Measured> {
  const project = dirname(resolve(args.config ?? CONFIG_FILE));
  const files = args.results ?? [join(project, RESULTS_FILE)];
  const all = withImageFacts(
    withoutFuture(unique((await Promise.all(files.map((file) => readResults(file)))).flat())),
  );
  if (all.length === 0) {
    throw new UserError(`There are no results in ${files.join(", ")}`, {
      hint: "Measure first: mkimage bench",
    });
  }
  const known = (axis: "function" | "os" | "arch" | "quantization") => [
    ...new Set(all.map(({ cell }) => cell[axis])),
  ];
  if (args.function) oneOf("function", args.function, known("function"));
  for (const axis of ["os", "arch", "quantization"] as const) {
    for (const name of args[axis] ?? []) oneOf(`${axis} in the results`, name, known(axis));
  }
  const wanted = all.filter((each) => isWanted(each, args));
  if (wanted.length === 0) {
    throw new UserError("No result is of these functions, systems, architectures and formats", {
      hint: "Leave some of them out, or measure them: mkimage bench",
    });
  }
  const results = ofOneTarget(wanted, args);
  const region = regionOf(results, args);
  const storage = await storageSizes(args);
  const prices = await readPrices(project);
  const price = (arch: Arch) => priceOf(prices, region, arch);
  for (const arch of new Set(results.map(({ cell }) => cell.arch))) price(arch);
  const series = seriesOf(results, { priceOf: price, storageOf: (name) => storage.get(name) });
  const latest = series.map((each) => each.latest);
  for (const caution of cautions(latest, results)) say(`note: ${caution}`);
  const free = new Set(
    latest.flatMap(({ cell, storageMB }) =>
      unpriced(price(cell.arch), { snapStart: cell.snapStart, storageMB }),
    ),
  );
  for (const what of free)
    say(
      `note: no price of ${what} in ${region}: it counts as free. Fetch those of every region: mkimage prices update`,
    );
  return { project, region, price, series };
}
