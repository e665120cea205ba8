import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type LockedModel, modelSpec } from "../../../models/spec.ts";
import { UserError } from "../../errors.ts";
import { withAside } from "../../files/atomic.ts";
import { installedSchema } from "../../files/installed-schema.ts";
import { checkJson, stringify } from "../../files/json.ts";
import { systemFault } from "../../files/system-fault.ts";
import { lockModel } from "../lock-model.ts";
import { readLock, updateLock } from "../lockfile.ts";
import type { FetchOptions } from "../sources/fetch.ts";
import type { Described } from "./spec.ts";

/** A model that is known whole, and nothing of it written yet. */
export interface NewModel extends Described {
  readonly locked: LockedModel;
}

const specPath = (project: string, name: string) => join(project, "models", `${name}.json`);

/**
 * Sees that no spec of this name would be replaced.
 * @throws UserError (exit 2) for one that is there
 */
export function refusePresent(project: string, name: string): void {
  if (!existsSync(specPath(project, name))) return;
  throw new UserError(`models/${name}.json is there already`, {
    hint: "Replace it with --force, or give another --name.",
  });
}

/**
 * Locks a described model.
 * @throws UserError as `lockModel` does
 */
export async function lockDescribed(described: Described, options: FetchOptions): Promise<NewModel> {
  const { name, spec, commits } = described;
  const checked = checkJson(modelSpec, spec, `models/${name}.json`);
  return { ...described, locked: await lockModel(name, checked, { ...options, commits }) };
}

/** What was locked, in a line for people. */
export const lockedLine = ({ locked: { commits = {}, files } }: NewModel): string => {
  const [commit] = Object.values(commits);
  return `locked${commit ? ` at commit ${commit}` : ""}: ${Object.keys(files).join(", ")}`;
};

/** A fault of the disk as people read it. */
function writeFault(error: unknown, project: string): unknown {
  if (!(error instanceof Error && "syscall" in error)) return error;
  return new UserError(`Cannot write to ${project}: ${systemFault(error as NodeJS.ErrnoException)}`, {
    hint: "Check that the folder may be written to, and that its models is a folder.",
    reason: "environment",
    cause: error,
  });
}

/**
 * Writes a model's spec, its entry in the lock and, where there is more, another file of the project. All are written aside
 * before the first one is moved into place, and what names the others comes last: an interrupted run leaves none, or the
 * old ones. Returns the paths from the project on.
 * @throws UserError (exit 3) where the project cannot be written to
 */
export async function writeModel(
  { name, spec, locked }: NewModel,
  {
    project,
    signal,
    more,
  }: {
    readonly project: string;
    readonly signal: AbortSignal;
    readonly more?: { readonly path: string; readonly content: string };
  },
): Promise<string[]> {
  const path = specPath(project, name);
  const withMore = (move: () => Promise<void>) =>
    more
      ? withAside(more.path, async (aside) => {
          await writeFile(aside, more.content);
          await move();
          await rename(aside, more.path);
        })
      : move();
  await withAside(path, async (aside) => {
    const schema = installedSchema(project, "models/spec.schema.json", dirname(path));
    await writeFile(aside, stringify({ ...schema, ...spec }));
    await withMore(async () => {
      const old = await readLock(project);
      signal.throwIfAborted();
      await updateLock(project, { old, now: { ...old, models: { ...old.models, [name]: locked } } }, signal);
      await rename(aside, path);
    });
  }).catch((error) => Promise.reject(writeFault(error, project)));
  return [`models/${name}.json`, "models/lock.json"];
}
