import type { Ecr } from "../clients/ecr.ts";
import type { Repository } from "../clients/ecr-repository.ts";
import { registryHost } from "../clients/reference.ts";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";

/** By the name that the plan gives them. */
export type Repositories = ReadonlyMap<string, Repository>;

/** ECR takes such a name, and would make a repository of it in the caller's own account. */
function requireName(name: string): void {
  const host = registryHost(name);
  if (!host) return;
  throw new UserError(`push cannot send images to the registry ${host} (repository "${name}")`, {
    hint: `Images go to the registry of your credentials' own account and region. Write the name alone: --repository ${name.slice(host.length + 1)}`,
  });
}

/** Asks for all that a push to a repository needs. */
async function checkAccess(repository: Repository, ecr: Ecr): Promise<void> {
  await ecr.checkUpload(repository);
  await ecr.findTag(repository, "latest");
}

/**
 * The repositories that exist; asks for all that a push to them needs, before anything is built or sent, and changes
 * nothing.
 * @throws UserError (exit 2) for the repository of another registry; (exit 3) that says which credential or permission is
 * lacking.
 */
export async function findRepositories(names: readonly string[], ecr: Ecr): Promise<Repositories> {
  names.forEach(requireName);
  await ecr.fetchToken();
  const found = new Map<string, Repository>();
  for (const name of names) {
    const repository = await ecr.findRepository(name);
    if (!repository) continue;
    await checkAccess(repository, ecr);
    found.set(name, repository);
  }
  return found;
}

/**
 * All of the repositories: those that `found` lacks are created.
 * @throws UserError (exit 3) that says which permission is lacking.
 */
export async function createRepositories(
  names: readonly string[],
  { ecr, repositories: found }: { readonly ecr: Ecr; readonly repositories: Repositories },
): Promise<Repositories> {
  const all = new Map(found);
  for (const name of names.filter((each) => !found.has(each))) {
    const repository = await ecr.createRepository(name);
    say(`created repository ${repository.uri} in account ${repository.account}`);
    await checkAccess(repository, ecr);
    all.set(name, repository);
  }
  return all;
}
