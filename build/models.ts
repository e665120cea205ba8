import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LockedFile, type ModelManifest, type ModelSpec, modelSpec } from "../models/spec.ts";
import { addBlob, hasBlob, makeTree, measureFile } from "./cache.ts";
import { UserError } from "./errors.ts";
import { checkJson, parseJson, stringify } from "./json.ts";
import type { Lock } from "./lock.ts";
import { unknownName } from "./nearest.ts";
import type { ReadyModel } from "./plan.ts";
import { fetchFiles } from "./sources/index.ts";

const NOT_SPECS = /^lock\.json$|\.schema\.json$/;

/** Names of the specs in a project's models/ folder. */
export async function listModels(project: string): Promise<string[]> {
  const files = await readdir(join(project, "models")).catch(() => []);
  return files.filter((file) => file.endsWith(".json") && !NOT_SPECS.test(file)).map((file) => file.slice(0, -5));
}

/**
 * The spec `models/<name>.json` of a project.
 * @throws UserError (exit 2) when there is none (with the nearest name) or it is not valid.
 */
export async function loadSpec(project: string, name: string): Promise<ModelSpec> {
  const known = await listModels(project);
  if (!known.includes(name)) throw unknownName("model", name, known);
  const path = join(project, "models", `${name}.json`);
  return checkJson(modelSpec, parseJson(await readFile(path, "utf8"), path), path);
}

/** The files that a spec asks for: path in the image's model folder → source and path in it. */
function wantedFiles(spec: ModelSpec): Record<string, { source: string; path: string }> {
  return Object.fromEntries(
    Object.entries(spec.files).map(([path, from]) => [
      path,
      typeof from === "string" ? { source: spec.source, path: from } : from,
    ]),
  );
}

export interface FetchOptions {
  readonly project: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

type Wanted = Record<string, { source: string; path: string }>;

/** Gets files into the cache, one source after the other, and measures them. */
async function fetchToCache(name: string, wanted: Wanted, options: FetchOptions): Promise<Record<string, LockedFile>> {
  const measured: Record<string, LockedFile> = {};
  for (const source of new Set(Object.values(wanted).map((file) => file.source))) {
    const mine = Object.entries(wanted).filter(([, file]) => file.source === source);
    options.log(`${name}: fetching ${mine.map(([path]) => path).join(", ")} from ${source}`);
    const scratch = await mkdtemp(join(tmpdir(), "mkimage-fetch-"));
    try {
      const fetched = await fetchFiles(source, { ...options, paths: mine.map(([, file]) => file.path), scratch });
      for (const [path, file] of mine) {
        const found = fetched[file.path] as string;
        const facts = await measureFile(found);
        await addBlob(found, facts.sha256);
        measured[path] = { ...file, ...facts };
      }
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
  return measured;
}

/** Fetches all files of a model and says what the lock has to keep of them, sorted by path. */
export async function lockModel(name: string, spec: ModelSpec, options: FetchOptions): Promise<Lock["models"][string]> {
  const measured = await fetchToCache(name, wantedFiles(spec), options);
  return { files: Object.fromEntries(Object.entries(measured).sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** The locked files of a model, after a check that spec and lock ask for the same. */
function lockedFiles(name: string, spec: ModelSpec, lock: Lock): Record<string, LockedFile> {
  const locked = lock.models[name]?.files;
  const hint = "Run `mkimage lock` and commit models/lock.json.";
  if (!locked) throw new UserError(`Model "${name}" is not in models/lock.json`, { hint });
  const wanted = wantedFiles(spec);
  for (const path of new Set([...Object.keys(wanted), ...Object.keys(locked)])) {
    const [spec, own] = [wanted[path], locked[path]];
    if (spec?.source !== own?.source || spec?.path !== own?.path) {
      throw new UserError(`models/lock.json is stale: ${path} of model "${name}" has changed in its spec`, { hint });
    }
  }
  return locked;
}

/** What the runtime is told about a model. */
export function toManifest(name: string, spec: ModelSpec): ModelManifest {
  const { task, maxTokens, pooling, normalize } = spec;
  return { name, task, maxTokens, pooling, normalize };
}

/**
 * A model ready to be put into images: its files are fetched where the cache lacks them, and each one has the sha256 of
 * the lock.
 * @throws UserError (exit 2) for a missing or stale lock, (exit 1) when a fetched file is not the locked one.
 */
export async function readyModel(name: string, lock: Lock, options: FetchOptions): Promise<ReadyModel> {
  const spec = await loadSpec(options.project, name);
  const locked = lockedFiles(name, spec, lock);
  const missing: Wanted = {};
  for (const [path, file] of Object.entries(locked)) if (!(await hasBlob(file))) missing[path] = file;
  const fetched = await fetchToCache(name, missing, options);
  for (const [path, file] of Object.entries(fetched)) {
    const expected = (locked[path] as LockedFile).sha256;
    if (file.sha256 !== expected) {
      throw new UserError(`${path} of model "${name}" has sha256 ${file.sha256}, the lock says ${expected}`, {
        reason: "check",
        hint: "The source has changed or the download is damaged: nothing was built. `mkimage lock` accepts it.",
      });
    }
  }
  return { name, spec, dir: await makeTree({ ...locked, "mkimage.json": await addManifest(name, spec) }) };
}

async function addManifest(name: string, spec: ModelSpec): Promise<{ sha256: string }> {
  const scratch = await mkdtemp(join(tmpdir(), "mkimage-manifest-"));
  try {
    const path = join(scratch, "mkimage.json");
    await writeFile(path, stringify(toManifest(name, spec)));
    const { sha256 } = await measureFile(path);
    await addBlob(path, sha256);
    return { sha256 };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
