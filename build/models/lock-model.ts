import { publicSource } from "../../models/public-url.ts";
import type { LockedFile, LockedModel, ModelSpec } from "../../models/spec.ts";
import { noteOrigin, recallOrigin } from "../cache/origins.ts";
import { UserError } from "../errors.ts";
import { completeSpec } from "./manifest.ts";
import { requireTokenizer } from "./repository/graph-fit.ts";
import { type FetchOptions, fetchToCache, type WantedFile, withPermission } from "./sources/fetch.ts";
import { parseSource, surveySource } from "./sources/index.ts";
import type { Survey } from "./sources/source.ts";
import { wantedFiles } from "./wanted.ts";

export interface LockModelOptions extends FetchOptions {
  /** The model's entry in the present lock: what can never change at its source is taken from there. */
  readonly old?: LockedModel | undefined;
  /** Commits of sources that the caller has asked for already: one command sees one state of a branch. */
  readonly commits?: LockedModel["commits"];
}

const byPath = <T>(table: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The entry of the present lock for a file whose content cannot have changed since. */
function unchangeable(file: WantedFile, old: LockedFile | undefined): LockedFile | undefined {
  const same =
    old &&
    old.source === publicSource(file.source) &&
    old.path === file.path &&
    [undefined, old.sha256].includes(file.sha256);
  return same && parseSource(file.source).kind.immutable ? old : undefined;
}

/** Size and sha256 as the source itself says them, or as they were found when this very content was fetched before. */
async function knownFacts(file: WantedFile, survey: Survey): Promise<LockedFile | undefined> {
  const { path } = file;
  const source = publicSource(file.source);
  const { size, sha256, version } = survey.files[path] ?? {};
  if (size !== undefined && sha256) return { source, path, size, sha256 };
  const facts = version ? await recallOrigin({ source, path, version }) : undefined;
  return facts && { source, path, ...facts };
}

/**
 * What the lock has to keep of a model, after a check that its spec and its own files agree.
 * @throws UserError as `lockFiles` does, and (exit 2) where they contradict each other or ask for what is not supported
 */
export async function lockModel(
  name: string,
  spec: ModelSpec,
  given: LockModelOptions,
): Promise<LockedModel> {
  const options = withPermission(spec, given);
  requireTokenizer(name, spec);
  const locked = await lockFiles(name, spec, options);
  await completeSpec(name, spec, { ...options, locked });
  return locked;
}

/**
 * What the lock has to keep of a model's files, as its sources are now: commit, and every file's size and sha256, sorted by path.
 * Fetched is only what no source says and nobody has fetched before.
 * @throws UserError (exit 1) when a file is not what the spec says, (exit 2) when something does not exist, (exit 3) for
 * network, credentials and disk.
 */
export async function lockFiles(
  name: string,
  spec: Pick<ModelSpec, "source" | "files">,
  options: LockModelOptions,
): Promise<LockedModel> {
  const { old, commits: seen = {}, ...rest } = options;
  const locked: Record<string, LockedFile> = {};
  const commits: Record<string, string> = {};
  const open: Record<string, WantedFile> = {};
  for (const [path, file] of Object.entries(wantedFiles(spec))) {
    const kept = unchangeable(file, old?.files[path]);
    if (kept) locked[path] = kept;
    else open[path] = file;
  }
  for (const source of new Set(Object.values(open).map((file) => file.source))) {
    const mine = Object.entries(open).filter(([, file]) => file.source === source);
    const paths = mine.map(([, file]) => file.path);
    const known = Object.fromEntries(mine.map(([, file]) => [file.path, file]));
    const survey = await surveySource(source, { ...rest, paths, known, commit: seen[source] });
    if (survey.commit) commits[source] = survey.commit;
    for (const [path, file] of mine) {
      const facts = await knownFacts(file, survey);
      if (facts) locked[path] = checkPin(name, path, { facts, pin: file.sha256 });
      else open[path] = { ...survey.files[file.path], ...file };
    }
  }
  const missing = Object.fromEntries(Object.entries(open).filter(([path]) => !locked[path]));
  for (const [path, facts] of Object.entries(await fetchToCache(name, missing, { ...rest, commits }))) {
    locked[path] = facts;
    const { version } = missing[path] as WantedFile;
    if (version) await noteOrigin({ ...facts, version }, facts);
  }
  return { ...(Object.keys(commits).length > 0 ? { commits: byPath(commits) } : {}), files: byPath(locked) };
}

function checkPin(
  model: string,
  path: string,
  { facts, pin }: { facts: LockedFile; pin: string | undefined },
): LockedFile {
  if (!pin || pin === facts.sha256) return facts;
  throw new UserError(`${path} of model "${model}" has sha256 ${facts.sha256}, the spec says ${pin}`, {
    reason: "check",
    hint: "The source has changed. Correct the sha256 in the spec if it is the wrong one.",
  });
}
