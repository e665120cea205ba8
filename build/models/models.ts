import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { publicSource } from "../../models/public-url.ts";
import { type LockedModel, type ModelSpec, modelSpec, NAME } from "../../models/spec.ts";
import { verifyBlob } from "../cache/blobs.ts";
import { blobPath, makeTree } from "../cache/layout.ts";
import { noteUse } from "../cache/uses.ts";
import { digestOf } from "../digest.ts";
import { UserError } from "../errors.ts";
import { refusePointer } from "../git-lfs.ts";
import { requireTokenizer } from "../graph-fit.ts";
import { readProjectJson, stringify } from "../json.ts";
import { modelDigest } from "../model-digest.ts";
import { unknownName } from "../nearest.ts";
import type { ReadyModel } from "../plan/variant.ts";
import { lockedFiles, wantedFiles } from "../wanted.ts";
import { locateSamples, readSamples } from "./gate-inputs.ts";
import type { Lock } from "./lockfile.ts";
import { completeSpec, toManifest } from "./manifest.ts";
import {
  type FetchOptions,
  fetchToCache,
  type Wanted,
  type WantedFile,
  withPermission,
} from "./sources/fetch.ts";
import { addText, unmarked } from "./text-content.ts";

const NOT_SPECS = /^lock\.json$|\.schema\.json$/;

/** Names of the specs in a project's models/ folder. */
export async function listModels(project: string): Promise<string[]> {
  const files = await readdir(join(project, "models")).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return files
    .filter((file) => file.endsWith(".json") && !NOT_SPECS.test(file))
    .map((file) => file.slice(0, -5));
}

/**
 * The spec `models/<name>.json` of a project; images of its samples are named by whole paths.
 * @throws UserError (exit 2) when there is none (with the nearest name) or it is not valid.
 */
export async function loadSpec(project: string, name: string): Promise<ModelSpec> {
  const known = await listModels(project);
  const path = join(project, "models", `${name}.json`);
  const spec = known.includes(name) ? await readProjectJson(modelSpec, path) : undefined;
  if (!spec) throw unknownName("model", name, known);
  if (!NAME.test(name)) {
    throw new UserError(`${path}: "${name}" is not a name for a model`, {
      hint: "Rename it to a lower-case name such as all-minilm-l6-v2.json.",
    });
  }
  return locateSamples(project, spec);
}

/** What of a model's lock no longer is what its spec asks for: path → the difference; empty for a current lock. Pure. */
export function staleFiles(spec: ModelSpec, locked: LockedModel | undefined): Record<string, string> {
  const [wanted, files] = [wantedFiles(spec), locked?.files ?? {}];
  const paths = [...new Set([...Object.keys(wanted), ...Object.keys(files)])];
  const stale = (path: string): string | undefined => {
    const [now, was] = [wanted[path], files[path]];
    if (!was) return "is not locked";
    if (!now) return "is locked, and the spec does not have it";
    const source = publicSource(now.source);
    if (source !== was.source) return `source was ${was.source}, is ${source}`;
    if (now.path !== was.path) return `path was ${was.path}, is ${now.path}`;
    if (now.sha256 && now.sha256 !== was.sha256)
      return `sha256 was ${was.sha256}, the spec says ${now.sha256}`;
    return undefined;
  };
  return Object.fromEntries(
    paths.flatMap((path) => {
      const difference = stale(path);
      return difference ? [[path, difference]] : [];
    }),
  );
}

/** The locked files of a model, after a check that spec and lock ask for the same. */
function lockedModel(name: string, spec: ModelSpec, lock: Lock): LockedModel {
  const locked = lock.models[name];
  const hint = "Run `mkimage lock` and commit models/lock.json.";
  if (!locked) throw new UserError(`Model "${name}" is not in models/lock.json`, { hint });
  const [path] = Object.keys(staleFiles(spec, locked));
  if (path === undefined) return locked;
  throw new UserError(`models/lock.json is stale: ${path} of model "${name}" has changed in its spec`, {
    hint,
  });
}

/** The files of a locked model that the cache lacks; content in it that is damaged is put aside. */
async function missingFiles(
  name: string,
  files: LockedModel["files"],
  { wanted, log }: { wanted: Wanted; log: (line: string) => void },
): Promise<Wanted> {
  const missing: Record<string, WantedFile> = {};
  for (const [path, file] of Object.entries(files)) {
    const state = await verifyBlob(file);
    if (state === "damaged")
      log(`${name}: ${path} in the cache was damaged; it is put aside and fetched again`);
    if (state !== "good") missing[path] = wanted[path] as WantedFile;
  }
  return missing;
}

/**
 * A model ready to be put into images: its files are fetched where the cache lacks them, and each one has the sha256 of
 * the lock.
 * @throws UserError (exit 2) for a missing or stale lock, (exit 1) when a fetched file is not the locked one, (exit 3) for
 * network, credentials and disk.
 */
export async function readyModel(name: string, lock: Lock, given: FetchOptions): Promise<ReadyModel> {
  const written = await loadSpec(given.project, name);
  const options = withPermission(written, given);
  requireTokenizer(name, written);
  const locked = lockedModel(name, written, lock);
  const { commits, files } = locked;
  const wanted = lockedFiles(written, files);
  const missing = await missingFiles(name, files, { wanted, log: options.log });
  await fetchToCache(name, missing, { ...options, commits });
  for (const [path, { sha256, source }] of Object.entries(files))
    await refusePointer(blobPath(sha256), `${path} of model "${name}" (${source})`);
  const spec = await completeSpec(name, written, { ...options, locked });
  const manifest = await addText(stringify(toManifest(name, spec)));
  const dir = await makeTree({ ...(await unmarked(files)), "mkimage.json": manifest });
  await noteUse({ project: options.project, model: name, tree: dir, files });
  const asked = await readSamples(options.project, spec);
  const samples = await makeTree({ "samples.json": await addText(stringify(asked)) });
  return {
    name,
    spec,
    digest: modelDigest(name, written, locked),
    samplesDigest: digestOf(asked),
    dir,
    samples,
  };
}
