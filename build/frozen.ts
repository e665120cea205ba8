import { UserError } from "./errors.ts";
import type { FetchOptions } from "./fetch.ts";
import { changedLocally } from "./local-files.ts";
import { type Lock, readLock, updateLock } from "./lock.ts";
import { lockModel } from "./lock-model.ts";
import { loadSpec, staleFiles } from "./models.ts";

/** Whether the lock may not be changed where the command line does not say: in CI, where nobody would commit it. */
export const frozenByDefault = (env: NodeJS.ProcessEnv = process.env): boolean =>
  !/^(?:|0|false|no)$/i.test(env["CI"] ?? "");

export interface FreshOptions extends FetchOptions {
  readonly frozen: boolean;
}

/**
 * The project's lock, current for the models named. A model whose spec asks for something else than the lock has, or
 * whose local files have changed, is locked again; the lock is written, and what changed is reported. The other models'
 * entries stay.
 * @throws UserError (exit 2) that says what has changed when the lock is stale and frozen.
 */
export async function currentLock(
  names: readonly string[],
  { frozen, ...options }: FreshOptions,
): Promise<Lock> {
  const lock = await readLock(options.project);
  const stale: Record<string, string[]> = {};
  for (const name of names) {
    const locked = lock.models[name];
    if (!locked) {
      stale[name] = ["is not locked"];
      continue;
    }
    const differences = staleFiles(await loadSpec(options.project, name), locked);
    const all = Object.keys(differences).length > 0 ? differences : await changedLocally(locked, options);
    if (Object.keys(all).length > 0)
      stale[name] = Object.entries(all).map(([path, what]) => `${path} ${what}`);
  }
  if (Object.keys(stale).length === 0) return lock;
  const lines = Object.entries(stale).flatMap(([name, all]) => all.map((each) => `  ${name}: ${each}`));
  if (frozen) {
    throw new UserError(
      `models/lock.json is not what the specs and their files say, and it is frozen\n${lines.join("\n")}`,
      {
        hint: "Run `mkimage lock` and commit models/lock.json; --no-frozen locks it anew here.",
      },
    );
  }
  options.log(
    `models/lock.json is not what the specs and their files say; locking again\n${lines.join("\n")}`,
  );
  const models = { ...lock.models };
  for (const name of Object.keys(stale)) {
    models[name] = await lockModel(name, await loadSpec(options.project, name), {
      ...options,
      old: lock.models[name],
    });
  }
  const written = await updateLock(options.project, { old: lock, now: { ...lock, models } }, options.signal);
  options.log("models/lock.json has changed: commit it");
  return written;
}
