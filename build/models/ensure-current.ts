import type { LockedModel, ModelSpec } from "../../models/spec.ts";
import { UserError } from "../errors.ts";
import { changedLocally } from "./local-files.ts";
import { lockModel } from "./lock-model.ts";
import { type Lock, readLock, updateLock } from "./lockfile.ts";
import { type FetchOptions, withPermission } from "./sources/fetch.ts";
import { type Specs, staleFiles } from "./specs.ts";

/** Whether the lock may not be changed where the command line does not say: in CI, where nobody would commit it. */
export const frozenByDefault = (env: NodeJS.ProcessEnv = process.env): boolean =>
  !/^(?:|0|false|no)$/i.test(env["CI"] ?? "");

export interface FreshOptions extends FetchOptions {
  readonly frozen: boolean;
}

/** What of a model's lock is out of date: by its spec, and by the content of local files; a line each. */
interface Stale {
  readonly spec: readonly string[];
  readonly content: readonly string[];
}

/** What is out of date of a model's entry in the lock. */
export async function staleOf(
  name: string,
  { spec, locked }: { readonly spec: ModelSpec; readonly locked: LockedModel | undefined },
  options: FetchOptions,
): Promise<Stale> {
  if (!locked) return { spec: [`${name}: is not locked`], content: [] };
  const lines = (differences: Readonly<Record<string, string>>) =>
    Object.entries(differences).map(([path, what]) => `${name}: ${path} ${what}`);
  return {
    spec: lines(staleFiles(spec, locked)),
    content: lines(await changedLocally(locked, withPermission(spec, options))),
  };
}

/**
 * The project's lock, current for these models. A model whose spec asks for something else than the lock has, or
 * whose local files have changed, is locked again; the lock is written, and what changed is reported. The other models'
 * entries stay.
 * @throws UserError that says what has changed when the lock is stale and frozen: exit 2, or 1 when the content alone is
 * another one
 */
export async function currentLock(specs: Specs, { frozen, ...options }: FreshOptions): Promise<Lock> {
  const lock = await readLock(options.project);
  const stale = new Map<string, Stale>();
  for (const [name, spec] of Object.entries(specs)) {
    const found = await staleOf(name, { spec, locked: lock.models[name] }, options);
    if (found.spec.length + found.content.length > 0) stale.set(name, found);
  }
  if (stale.size === 0) return lock;
  const all = [...stale.values()];
  const lines = all.flatMap(({ spec, content }) => [...spec, ...content]).map((line) => `  ${line}`);
  if (frozen) {
    throw new UserError(
      `models/lock.json is not what the specs and their files say, and it is frozen\n${lines.join("\n")}`,
      {
        hint: "Run `mkimage lock` and commit models/lock.json; --no-frozen updates it here.",
        ...(all.every(({ spec }) => spec.length === 0) && { reason: "check" }),
      },
    );
  }
  options.log(
    `models/lock.json is not what the specs and their files say; locking again\n${lines.join("\n")}`,
  );
  const models = { ...lock.models };
  for (const [name, spec] of Object.entries(specs)) {
    if (stale.has(name)) models[name] = await lockModel(name, spec, { ...options, old: lock.models[name] });
  }
  const written = await updateLock(options.project, { old: lock, now: { ...lock, models } }, options.signal);
  options.log("models/lock.json has changed: commit it");
  return written;
}
