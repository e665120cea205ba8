import { type Revision, readRevision } from "../clients/git.ts";
import { type Config, loadConfig } from "../config/config.ts";
import { currentLock, frozenByDefault } from "../models/ensure-current.ts";
import { type Lock, readLock } from "../models/lockfile.ts";
import { type ReadyModel, readyModel } from "../models/ready-model.ts";
import type { FetchOptions } from "../models/sources/fetch.ts";
import { loadSpec } from "../models/specs.ts";
import { say } from "../output.ts";
import { type Image, makePlan } from "../plan/plan.ts";
import type { MatrixArgs } from "./options.ts";

const modelNames = (config: Config) => [...new Set(config.functions.flatMap(({ models }) => models))];

async function readyModels(names: readonly string[], lock: Lock, options: FetchOptions) {
  const models: Record<string, ReadyModel> = {};
  for (const name of names) models[name] = await readyModel(name, lock, options);
  return models;
}

/** The revision; where it cannot be told, images have the version 0, which is said. */
async function sayRevision({ project, version }: Config): Promise<Revision> {
  const revision = await readRevision(project);
  const { unknown } = revision;
  if (unknown) say(`${unknown.message}${version ? "" : "; images get the version 0"}\n${unknown.hint}`);
  return revision;
}

/**
 * Refuses to name what is pushed by the version 0 when a revision is there and cannot be told: that tag would be taken by
 * whatever is pushed next.
 * @throws UserError (exit 3) with what to do
 */
export async function requireVersion({ project, version }: Config): Promise<void> {
  const { unknown } = version ? {} : await readRevision(project);
  if (unknown) throw unknown;
}

/** What only the builder knows; a plan without it is quick, and has no digests but those of the lock. */
export interface BuilderFacts {
  resolve(config: Config, locked: Readonly<Record<string, string>>): Promise<Record<string, string>>;
  /** Makes the models of images; returns the images with what was found. */
  makeModels(images: readonly Image[]): Promise<Image[]>;
}

/** The plan of a command that builds: models are in the cache and checked, bases have the digests that are known. */
export async function prepareBuild(
  args: MatrixArgs & { frozen?: boolean; allowOutside?: boolean },
  signal: AbortSignal,
  builder?: BuilderFacts,
): Promise<Image[]> {
  const config = await loadConfig(args);
  const { allowOutside } = args;
  const options = { project: config.project, signal, log: say, allowOutside };
  const lock = await currentLock(modelNames(config), {
    ...options,
    frozen: args.frozen ?? frozenByDefault(),
  });
  const [models, resolved, revision] = await Promise.all([
    readyModels(modelNames(config), lock, options),
    builder?.resolve(config, lock.bases),
    sayRevision(config),
  ]);
  const images = makePlan(config, { models, revision, digests: { ...resolved, ...lock.bases } });
  return builder ? builder.makeModels(images) : images;
}

/** The plan of a command that works on images that exist: nothing is fetched. */
export async function prepareBuilt(args: MatrixArgs): Promise<Image[]> {
  const config = await loadConfig(args);
  const models: Record<string, ReadyModel> = {};
  for (const name of modelNames(config))
    models[name] = { name, spec: await loadSpec(config.project, name), dir: "", samples: "" };
  const { bases } = await readLock(config.project);
  return makePlan(config, { models, revision: await sayRevision(config), digests: bases });
}
