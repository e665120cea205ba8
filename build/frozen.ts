import { UserError } from "./errors.ts";
import type { FetchOptions } from "./fetch.ts";
import { type Lock, readLock, writeLock } from "./lock.ts";
import { lockModel } from "./lock-model.ts";
import { loadSpec, staleFiles } from "./models.ts";

/** Whether the lock may not be changed where the command line does not say: in CI, where nobody would commit it. */
export const frozenByDefault = (env: NodeJS.ProcessEnv = process.env): boolean =>
  !/^(?:|0|false|no)$/i.test(env["CI"] ?? "");

export interface FreshOptions extends FetchOptions {
  readonly frozen: boolean;
}

/**
 * The project's lock, current for the models named. A model whose spec asks for something else than the lock has is locked
 * anew and the lock is written, with a word on it; the other models' entries stay.
 * @throws UserError (exit 2) that says what has changed when the lock is stale and frozen.
 */
export async function currentLock(
  names: readonly string[],
  { frozen, ...options }: FreshOptions,
): Promise<Lock> {
  const lock = await readLock(options.project);
  const stale: Record<string, string[]> = {};
  for (const name of names) {
    const differences = staleFiles(await loadSpec(options.project, name), lock.models[name]);
    if (!lock.models[name]) stale[name] = ["is not locked"];
    else if (Object.keys(differences).length > 0)
      stale[name] = Object.entries(differences).map(([path, what]) => `${path} ${what}`);
  }
  if (Object.keys(stale).length === 0) return lock;
  const lines = Object.entries(stale).flatMap(([name, all]) => all.map((each) => `  ${name}: ${each}`));
  if (frozen) {
    throw new UserError(
      `models/lock.json is not what the specs ask for, and it is frozen\n${lines.join("\n")}`,
      {
        hint: "Run `mkimage lock` and commit models/lock.json; --no-frozen locks it anew here.",
      },
    );
  }
  options.log(`models/lock.json is not what the specs ask for; locking anew\n${lines.join("\n")}`);
  const models = { ...lock.models };
  for (const name of Object.keys(stale)) {
    models[name] = await lockModel(name, await loadSpec(options.project, name), {
      ...options,
      old: lock.models[name],
    });
  }
  await writeLock(options.project, { ...lock, models });
  options.log("models/lock.json has changed: commit it");
  return readLock(options.project);
}
