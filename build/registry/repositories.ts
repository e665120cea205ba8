import type { Ecr } from "../clients/ecr.ts";
import type { EcrSettings } from "../clients/ecr-settings.ts";
import type { ImageRegistry, Repository } from "../clients/repository.ts";
import { ECR_DEFAULTS, type EcrConfig } from "../config/ecr.ts";
import { say } from "../output.ts";
import { nameInRegistry } from "./places.ts";
import { applySettings, creationSettings, settingChanges, wantedOf } from "./settings.ts";

/** By the name that the plan gives them. */
export type Repositories = ReadonlyMap<string, Repository>;

/** The repository of a name of the plan, or undefined. */
export const findRepository = (name: string, registry: ImageRegistry): Promise<Repository | undefined> =>
  registry.findRepository(nameInRegistry(name));

/** Asks for all that a push to a repository needs. */
async function checkAccess(repository: Repository, registry: ImageRegistry): Promise<void> {
  await registry.checkUpload(repository);
  await registry.findTag(repository, "latest");
}

/**
 * The repositories that exist; asks for all that a push to them needs, before anything is built or sent, and changes
 * nothing.
 * @throws UserError (exit 3) that says which credential or permission is lacking.
 */
export async function findRepositories(
  names: readonly string[],
  registry: ImageRegistry,
): Promise<Repositories> {
  await registry.fetchToken();
  const found = new Map<string, Repository>();
  for (const name of names) {
    const repository = await findRepository(name, registry);
    if (!repository) continue;
    await checkAccess(repository, registry);
    found.set(name, repository);
  }
  return found;
}

export interface CreateOptions {
  readonly ecr: Ecr;
  readonly settings: EcrSettings;
  readonly repositories: Repositories;
  /** `ecr` of mkimage.json. */
  readonly config: EcrConfig | undefined;
  /** Whether repositories that exist get the settings of mkimage.json. */
  readonly update: boolean;
}

/** Compares a repository with mkimage.json; changes it when it is new, or when that is asked for. */
async function keepSettings(name: string, isNew: boolean, options: CreateOptions): Promise<void> {
  const { config, settings, update } = options;
  if (!config) return;
  const state = await settings.read(name, wantedOf(config));
  if (isNew || update) return applySettings(name, { state, config, settings });
  const changes = settingChanges(state, config);
  if (changes.length === 0) return;
  const list = changes.map(({ field, from, to }) => `${field} is ${from}, not ${to}`).join("; ");
  say(`note: repository ${name} differs from mkimage.json: ${list}. To change it: --update-repository`);
}

/**
 * All of the repositories: those that `repositories` lacks are created, with the settings of mkimage.json.
 * @throws UserError (exit 3) that says which permission is lacking.
 */
export async function createRepositories(
  names: readonly string[],
  options: CreateOptions,
): Promise<Repositories> {
  const { ecr, repositories, config = ECR_DEFAULTS } = options;
  const all = new Map(repositories);
  for (const name of new Set(names)) {
    const isNew = !repositories.has(name);
    const short = nameInRegistry(name);
    if (isNew) {
      const repository = await ecr.createRepository(short, creationSettings(config));
      say(`created repository ${repository.uri} in account ${repository.account}`);
      await checkAccess(repository, ecr);
      all.set(name, repository);
    }
    await keepSettings(short, isNew, options);
  }
  return all;
}
