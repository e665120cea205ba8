import { readdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { ModelSpec } from "../../models/spec.ts";
import { type Revision, readRevision } from "../clients/git.ts";
import { lastChange } from "../clients/last-change.ts";
import { CONFIG_FILE, type Config, type ConfigFlags, loadConfig } from "../config/config.ts";
import { digestOf } from "../files/digest.ts";
import { currentLock, frozenByDefault, staleOf } from "../models/ensure-current.ts";
import { readSamples } from "../models/gate-inputs.ts";
import { type Lock, readLock } from "../models/lockfile.ts";
import { modelDigest } from "../models/model-digest.ts";
import { type ReadyModel, readyModel } from "../models/ready-model.ts";
import type { FetchOptions } from "../models/sources/fetch.ts";
import { loadSpecs } from "../models/specs.ts";
import { say } from "../output.ts";
import type { Image, PlanFacts } from "../plan/image.ts";
import { imageInputs } from "../plan/inputs.ts";
import { makePlan } from "../plan/plan.ts";
import { TOOL_VERSION } from "../tool-root.ts";
import { gatherSources } from "../user-handler/sources.ts";

/** What a command is told, and what is known of the project without its models; each read once. */
export interface Project {
  readonly config: Config;
  readonly revision: Revision;
}

/** @throws UserError (exit 2) when the configuration or package.json is not valid. */
export async function loadProject(flags: ConfigFlags): Promise<Project> {
  const config = await loadConfig(flags);
  return { config, revision: await readRevision(config.project) };
}

/**
 * Refuses to name what is pushed by the version 0 when a revision is there and cannot be told: that tag would be taken by
 * whatever is pushed next.
 * @throws UserError (exit 3) with what to do
 */
export function requireVersion({ config, revision }: Project): void {
  if (!config.version && revision.unknown) throw revision.unknown;
}

const modelNames = (config: Config) => [...new Set(config.functions.flatMap(({ models }) => models))];

/** The plan; where the revision cannot be told, images have the version 0, which is said. */
async function planOf(
  { config, revision }: Project,
  facts: Pick<PlanFacts, "models" | "digests">,
): Promise<Image[]> {
  const { unknown } = revision;
  if (unknown)
    say(`${unknown.message}${config.version ? "" : "; images get the version 0"}\n${unknown.hint}`);
  const sources: Record<string, string> = {};
  const revisions: Record<string, Revision> = {};
  for (const row of config.functions) {
    const { handler } = row;
    if (handler) sources[handler.file] ??= await gatherSources(handler);
    const files = handler ? await filesBelow(sources[handler.file] as string) : [];
    const inputs = imageInputs(row, { config: basename(config.flags.config ?? CONFIG_FILE), handler: files });
    revisions[row.name] = await lastChange(config.project, revision, inputs);
  }
  return makePlan(config, {
    ...facts,
    project: config.name,
    revision,
    revisions,
    sources,
    tool: TOOL_VERSION,
  });
}

/** The files in a folder and those below it, from the folder on. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
}

export interface PrepareOptions {
  readonly signal: AbortSignal;
  /** Whether the lock may not be changed; by default it may not in CI. */
  readonly frozen?: boolean | undefined;
  /** Whether files outside of the project may be read. */
  readonly allowOutside?: boolean | undefined;
  /** Whether the models' files have to be in the cache already. */
  readonly offline?: boolean;
}

/**
 * The models that functions use, in the cache and checked, with a current lock.
 * @throws UserError (exit 2) for a spec or a lock, (exit 1) when a file is not the locked one, (exit 3) for network,
 * credentials and disk
 */
export async function prepareModels(
  { config }: Project,
  { signal, frozen = frozenByDefault(), allowOutside, offline }: PrepareOptions,
): Promise<{ readonly models: Record<string, ReadyModel>; readonly lock: Lock }> {
  const options = { project: config.project, signal, log: say, allowOutside, offline };
  const specs = await loadSpecs(config.project, modelNames(config));
  const lock = await currentLock(specs, { ...options, frozen });
  const models: Record<string, ReadyModel> = {};
  for (const [name, spec] of Object.entries(specs))
    models[name] = await readyModel(name, { spec, lock }, options);
  return { models, lock };
}

/** The plan of a command that builds: models are in the cache and checked, bases have the digests of the lock. */
export async function prepareBuild(project: Project, options: PrepareOptions): Promise<Image[]> {
  const { models, lock } = await prepareModels(project, options);
  return planOf(project, { models, digests: lock.bases });
}

/** A model that is in images already. Where its lock is out of date, no image has what the project says now. */
async function builtModel(
  name: string,
  { spec, lock }: { readonly spec: ModelSpec; readonly lock: Lock },
  options: FetchOptions,
): Promise<ReadyModel> {
  const locked = lock.models[name];
  const stale = await staleOf(name, { spec, locked }, options);
  const isCurrent = locked && stale.spec.length + stale.content.length === 0;
  return {
    name,
    spec,
    digest: isCurrent ? modelDigest(name, spec, locked) : "not locked",
    samplesDigest: digestOf(await readSamples(options.project, spec)),
    dir: "",
    samples: "",
  };
}

/** The plan of a command that works on images that exist: nothing is fetched, and the lock stays as it is. */
export const prepareBuilt = async (flags: ConfigFlags, signal: AbortSignal): Promise<Image[]> =>
  planBuilt(await loadProject(flags), signal);

/** The same for a project that is loaded. */
export async function planBuilt(project: Project, signal: AbortSignal): Promise<Image[]> {
  const options = { project: project.config.project, signal, log: say };
  const lock = await readLock(options.project);
  const models: Record<string, ReadyModel> = {};
  const specs = await loadSpecs(options.project, modelNames(project.config));
  for (const [name, spec] of Object.entries(specs))
    models[name] = await builtModel(name, { spec, lock }, options);
  return planOf(project, { models, digests: lock.bases });
}
