import { dollars } from "../bench/format.ts";
import { eventOf } from "../bench/inputs.ts";
import { timeCost } from "../bench/lambda/budget.ts";
import type { LambdaItem } from "../bench/lambda/item.ts";
import { guessedCallers, guessedRound, runLambdaBench } from "../bench/lambda/run.ts";
import { type BenchSource, configuredSource, deployedSource } from "../bench/lambda/source.ts";
import { sweepFunctions } from "../bench/lambda/sweep.ts";
import { requirePrices } from "../bench/prices/costs.ts";
import { priceOf, readPrices } from "../bench/prices/prices.ts";
import type { Result } from "../bench/results.ts";
import { median } from "../bench/statistics.ts";
import { Ecr } from "../clients/ecr.ts";
import { Lambda } from "../clients/lambda.ts";
import type { FunctionConfig } from "../config/config.ts";
import { chooseImages } from "../deploy/target.ts";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";
import type { Image } from "../plan/image.ts";
import { registryOfNames } from "../registry/places.ts";
import { findPublished } from "../registry/published.ts";
import { askWhether, canAsk } from "./ask.ts";
import { type Project, planBuilt, requireVersion } from "./prepare.ts";

/** The options of `mkimage bench --target lambda`. */
export interface LambdaBenchArgs {
  os?: string[] | undefined;
  arch?: string[] | undefined;
  quantization?: string[] | undefined;
  memory?: number[] | undefined;
  tokens?: number[] | undefined;
  batch?: number[] | undefined;
  snapStart?: ("on" | "off")[] | undefined;
  concurrency?: number | undefined;
  maxCost?: number | undefined;
  yes: boolean;
  maxTime: number;
}

interface Given {
  readonly project: Project;
  readonly signal: AbortSignal;
  readonly lambda: Lambda;
}

const rowOf = ({ config }: Project, name: string): FunctionConfig =>
  config.functions.find((row) => row.name === name) as FunctionConfig;

/** The image that callers of a function get now, by the alias. @throws UserError (exit 1) where it is not deployed */
async function liveSource(
  row: FunctionConfig,
  images: readonly Image[],
  { project, lambda }: Given,
): Promise<BenchSource> {
  const { name, deploy } = row;
  const live = await lambda.findFunction(name, deploy.alias);
  if (!live?.image) {
    throw new UserError(
      `Function ${name} is not deployed: Lambda has no alias ${deploy.alias} of it with an image`,
      {
        reason: "check",
        hint: `Deploy it first: mkimage deploy --function ${name}; or choose an image that has been pushed, with --os and --arch.`,
      },
    );
  }
  const { tags = {} } = (await lambda.findFunction(name)) ?? {};
  const own = images.filter((image) => image.function === name);
  // A version that mkimage has published says of which cell it is.
  const [note = ""] = live.configuration.Description?.split(";") ?? [];
  const image =
    own.find((each) => note.endsWith(`-${each.name}`)) ??
    chooseImages(own, { ...project.config, functions: [row] })[0];
  return deployedSource(image as Image, { live: { ...live, tags }, remote: live.image });
}

/** Images that have been pushed, with the settings of their functions in Lambda, or those of mkimage.json. */
async function pushedSources(
  images: readonly Image[],
  { project, signal, lambda }: Given,
): Promise<BenchSource[]> {
  requireVersion(project);
  const { functions } = project.config;
  const ecr = new Ecr(signal, registryOfNames(functions.map(({ repository }) => repository)));
  const published = await findPublished(images, ecr);
  return Promise.all(
    published.map(async (image) => {
      const { name, deploy } = rowOf(project, image.function);
      const latest = await lambda.findFunction(name);
      const live = latest && ((await lambda.findFunction(name, deploy.alias)) ?? latest);
      if (live) return deployedSource(image, { live: { ...live, tags: latest.tags }, remote: image.remote });
      if (deploy.role) return configuredSource(image, { deploy, remote: image.remote });
      throw new UserError(`Function ${name} is not in Lambda, and has no role to measure its images with`, {
        hint: `Deploy it first, or name one: functions.${name}.deploy.role in mkimage.json`,
      });
    }),
  );
}

const cellOf = ({ image, remote }: BenchSource, snapStart: boolean): Result["cell"] => {
  const [model] = image.models;
  const digest = remote.split("@")[1] ?? remote;
  return {
    function: image.function,
    os: image.os,
    arch: image.arch,
    model: model.name,
    task: model.spec.task,
    quantization: image.quantization,
    reference: remote,
    configDigest: digest,
    digest,
    ...(snapStart && { snapStart }),
  };
};

/** What an earlier line says of the same cell and memory size, wherever it was measured. */
function knownTimes(known: readonly Result[], cell: Result["cell"], memory: number): LambdaItem["known"] {
  const found = known.findLast(
    (each) =>
      each.memoryMB === memory &&
      (["function", "os", "arch", "quantization", "model"] as const).every(
        (key) => each.cell[key] === cell[key],
      ),
  );
  return { coldMs: median(found?.cold?.total), warmMs: median(found?.warm?.samples) };
}

export interface LambdaBench {
  readonly items: readonly LambdaItem[];
  readonly region: string;
  measure(items: readonly LambdaItem[], options: MeasureOptions): Promise<Result[]>;
}

interface MeasureOptions {
  readonly run: Result["run"];
  readonly precision: number;
  readonly file: string;
}

/**
 * Agrees to what the run costs: on a terminal it is asked, elsewhere `--yes` or `--max-cost` says so.
 * @throws UserError (exit 2) where neither is given
 */
async function agree(
  items: readonly LambdaItem[],
  args: LambdaBenchArgs,
  signal: AbortSignal,
): Promise<void> {
  const rounds = 3;
  const { concurrency = 0 } = args;
  const about = items.reduce(
    (sum, item) => sum + rounds * guessedRound(item) + guessedCallers(item, concurrency),
    0,
  );
  const most = Math.max(
    ...items.map((item) => timeCost(item.price, { memoryMB: item.memory }, args.maxTime)),
  );
  const limit = args.maxCost === undefined ? "" : `, and no more than --max-cost ${dollars(args.maxCost)}`;
  const price = `about ${dollars(about)} for ${rounds} rounds of each cell; ${dollars(most)} for --max-time ${args.maxTime} s without a pause${limit}`;
  say(`measuring in Lambda costs ${price}`);
  if (args.yes || args.maxCost !== undefined) return;
  if (canAsk() && (await askWhether("Measure?", signal))) return;
  throw new UserError(`Measuring in Lambda costs ${price}`, {
    hint: "Agree with --yes, or name the most that it may cost: --max-cost 0.50",
  });
}

/** What there is to measure in Lambda, and how. @throws UserError where something lacks, before anything is made */
export async function prepareLambdaBench(
  args: LambdaBenchArgs,
  {
    project,
    known,
    signal,
  }: { readonly project: Project; readonly known: readonly Result[]; readonly signal: AbortSignal },
): Promise<LambdaBench> {
  const lambda = new Lambda(signal);
  const region = await lambda.region();
  const given = { project, signal, lambda };
  const images = await planBuilt(project, signal);
  const isChosen = (args.os ?? args.arch ?? args.quantization) !== undefined;
  const sources = isChosen
    ? await pushedSources(images, given)
    : await Promise.all(project.config.functions.map((row) => liveSource(row, images, given)));
  const prices = await readPrices(project.config.project);
  const items: LambdaItem[] = [];
  for (const source of sources)
    for (const memory of args.memory ?? [source.settings.memory])
      for (const snapStart of args.snapStart?.map((each) => each === "on") ?? [
        source.settings.snapStart === true,
      ])
        for (const tokens of args.tokens ?? [undefined])
          for (const batch of args.batch ?? [1]) {
            const { image } = source;
            const { event, input } = await eventOf(image.models[0], { tokens, batch });
            const cell = cellOf(source, snapStart);
            const price = priceOf(prices, region, image.arch);
            requirePrices(price, { snapStart, storageMB: source.settings.ephemeralStorage });
            const several = sources.some((each) => each.name !== source.name);
            const parts = [
              several && source.name,
              image.name,
              snapStart && "SnapStart",
              `${memory} MB`,
              args.tokens && `${input.tokens} tokens`,
              args.batch && `batch ${batch}`,
            ];
            items.push({
              name: parts.filter(Boolean).join(" "),
              source,
              cell,
              memory,
              snapStart,
              event,
              input,
              price,
              known: knownTimes(known, cell, memory),
            });
          }
  return {
    items,
    region,
    async measure(chosen, options) {
      await agree(chosen, args, signal);
      await sweepFunctions(lambda);
      return runLambdaBench(chosen, {
        ...options,
        lambda,
        cleaner: (own) => new Lambda(own),
        signal,
        region,
        maxTime: args.maxTime,
        // A round goes on beyond it, and a function that is not removed then is nobody's.
        until: new Date(Date.now() + (args.maxTime + 3600) * 1000),
        maxCost: args.maxCost ?? Number.POSITIVE_INFINITY,
        callers: args.concurrency ?? 0,
      });
    },
  };
}
