import type { Ecr } from "../clients/ecr.ts";
import { type EcrRegistry, ecrRegistry, type Repository } from "../clients/ecr-repository.ts";
import type { EcrSettings } from "../clients/ecr-settings.ts";
import { registryHost } from "../clients/reference.ts";
import { ECR_DEFAULTS, type EcrConfig } from "../config/ecr.ts";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";
import { applySettings, creationSettings, settingChanges, wantedOf } from "./settings.ts";

/** By the name that the plan gives them. */
export type Repositories = ReadonlyMap<string, Repository>;

/**
 * The registry that the repositories are in: the one that their names begin with, else undefined for the credentials' own
 * account and region.
 * @throws UserError (exit 2) for one that is not ECR
 */
export function registryOfNames(names: readonly string[]): EcrRegistry | undefined {
  // One pattern gives the names of all functions, and `<function>` stands behind the registry.
  const [name = ""] = names;
  const host = registryHost(name);
  if (!host) return undefined;
  const registry = ecrRegistry(host);
  if (registry) return registry;
  throw new UserError(`${host} is not a registry of Amazon ECR (repository "${name}")`, {
    hint: `Lambda takes images only from ECR. Write the name alone, for the registry of your credentials' account and region, or with the host of another one: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/${name.slice(host.length + 1)}`,
  });
}

/** `eu-west-1`, `us-gov-east-1`. */
const REGION = /^[a-z]{2,3}(?:-[a-z]+){1,2}-\d$/;

/**
 * The registries that images are pushed to: those that are asked for, by region or host, else the one that the repositories'
 * names begin with, else the credentials' own (undefined).
 * @throws UserError (exit 2) for one that is neither, or that the repositories' own registry contradicts
 */
export function registriesOf(
  names: readonly string[],
  asked: readonly string[] | undefined,
): (EcrRegistry | undefined)[] {
  const own = registryOfNames(names);
  if (!asked || asked.length === 0) return [own];
  const [name = ""] = names;
  if (own) {
    throw new UserError(`Repository "${name}" names a registry, and so does --registry or ecr.registries`, {
      hint: `Leave one of them out: the repository is ${nameInRegistry(name)} in each registry.`,
    });
  }
  return [...new Set(asked)].map((each) => {
    if (REGION.test(each)) return { region: each };
    const registry = ecrRegistry(each);
    if (registry) return registry;
    throw new UserError(`"${each}" is neither a region of AWS nor a registry of Amazon ECR`, {
      hint: "Write it as eu-west-1, or as 123456789012.dkr.ecr.eu-west-1.amazonaws.com. Lambda takes images only from ECR.",
    });
  });
}

/** A name as the registry has it: without the registry's host. */
export const nameInRegistry = (name: string): string => name.slice((registryHost(name)?.length ?? -1) + 1);

/** The repository of a name of the plan, or undefined. */
export const findRepository = (name: string, ecr: Ecr): Promise<Repository | undefined> =>
  ecr.findRepository(nameInRegistry(name));

/** Asks for all that a push to a repository needs. */
async function checkAccess(repository: Repository, ecr: Ecr): Promise<void> {
  await ecr.checkUpload(repository);
  await ecr.findTag(repository, "latest");
}

/**
 * The repositories that exist; asks for all that a push to them needs, before anything is built or sent, and changes
 * nothing.
 * @throws UserError (exit 3) that says which credential or permission is lacking.
 */
export async function findRepositories(names: readonly string[], ecr: Ecr): Promise<Repositories> {
  await ecr.fetchToken();
  const found = new Map<string, Repository>();
  for (const name of names) {
    const repository = await findRepository(name, ecr);
    if (!repository) continue;
    await checkAccess(repository, ecr);
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
