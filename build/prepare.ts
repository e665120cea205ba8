import { readRevision } from "./clients/git.ts";
import { type Config, loadConfig } from "./config.ts";
import { readLock } from "./lock.ts";
import { loadSpec, readyModel } from "./models.ts";
import type { MatrixArgs } from "./options.ts";
import { say } from "./output.ts";
import { type Image, makePlan, type ReadyModel } from "./plan.ts";

const modelNames = (config: Config) => [...new Set(config.functions.map(({ model }) => model))];

/** The plan of a command that builds: models are in the cache and checked, bases have the digests that are known. */
export async function prepareBuild(
  args: MatrixArgs,
  signal: AbortSignal,
  resolve: (config: Config, locked: Readonly<Record<string, string>>) => Promise<Record<string, string>> = async () => ({}),
): Promise<Image[]> {
  const config = await loadConfig(args);
  const lock = await readLock(config.project);
  const models: Record<string, ReadyModel> = {};
  for (const name of modelNames(config)) {
    models[name] = await readyModel(name, lock, { project: config.project, signal, log: say });
  }
  const digests = { ...(await resolve(config, lock.bases)), ...lock.bases };
  return makePlan(config, { models, revision: await readRevision(config.project), digests });
}

/** The plan of a command that works on images that exist: nothing is fetched. */
export async function prepareBuilt(args: MatrixArgs): Promise<Image[]> {
  const config = await loadConfig(args);
  const models: Record<string, ReadyModel> = {};
  for (const name of modelNames(config)) models[name] = { name, spec: await loadSpec(config.project, name), dir: "" };
  const { bases } = await readLock(config.project);
  return makePlan(config, { models, revision: await readRevision(config.project), digests: bases });
}
