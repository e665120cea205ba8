import type { Ecr } from "./clients/ecr.ts";
import type { Repository } from "./clients/ecr-repository.ts";
import { say } from "./output.ts";

/** By the name that the plan gives them. */
export type Repositories = ReadonlyMap<string, Repository>;

/**
 * Finds or creates the repositories and asks for all that a push needs, before anything is built or sent.
 * @throws UserError (exit 3) that says which credential or permission is lacking.
 */
export async function openRepositories(names: readonly string[], ecr: Ecr): Promise<Repositories> {
  await ecr.fetchToken();
  const opened = new Map<string, Repository>();
  for (const name of names) {
    const found = await ecr.findRepository(name);
    const repository = found ?? (await ecr.createRepository(name));
    if (!found) say(`created repository ${repository.uri} in account ${repository.account}`);
    await ecr.checkUpload(repository);
    await ecr.findTag(repository, "latest");
    opened.set(name, repository);
  }
  return opened;
}
