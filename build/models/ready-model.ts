import type { LockedModel, ModelSpec } from "../../models/spec.ts";
import { addText, blobPath, checkBlob } from "../cache/blobs.ts";
import { makeTree } from "../cache/trees.ts";
import { noteUse } from "../cache/uses.ts";
import { UserError } from "../errors.ts";
import { digestOf } from "../files/digest.ts";
import { refusePointer } from "../files/git-lfs.ts";
import { stringify } from "../files/json.ts";
import { readSamples } from "./gate-inputs.ts";
import type { Lock } from "./lockfile.ts";
import { completeSpec, toManifest } from "./manifest.ts";
import { modelDigest } from "./model-digest.ts";
import { requireTokenizer } from "./repository/graph-fit.ts";
import {
  type FetchOptions,
  fetchToCache,
  type Wanted,
  type WantedFile,
  withPermission,
} from "./sources/fetch.ts";
import { staleFiles } from "./specs.ts";
import { unmarked } from "./text-content.ts";
import { lockedFiles } from "./wanted.ts";

/** A model whose files are on this machine, checked against the lock. */
export interface ReadyModel {
  readonly name: string;
  readonly spec: ModelSpec;
  /** Digest of its locked files and of what its spec says to the runtime. */
  readonly digest: string;
  /** Digest of the inputs of the gate and of the calibration. */
  readonly samplesDigest: string;
  /** Folder that holds exactly the files of the model. */
  readonly dir: string;
  /** Folder with samples.json: the inputs of the gate and of the calibration. */
  readonly samples: string;
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

/** The files of a locked model that the cache lacks; damaged content in it is set aside. */
async function missingFiles(
  name: string,
  files: LockedModel["files"],
  { wanted, log }: { wanted: Wanted; log: (line: string) => void },
): Promise<Wanted> {
  const missing: Record<string, WantedFile> = {};
  for (const [path, file] of Object.entries(files)) {
    const state = await checkBlob(file);
    if (state === "damaged")
      log(`${name}: ${path} in the cache was damaged; it is set aside and fetched again`);
    if (state !== "good") missing[path] = wanted[path] as WantedFile;
  }
  return missing;
}

/** @throws UserError (exit 2) when the cache lacks files, and nothing may be fetched. */
function requireCached(name: string, missing: Wanted): void {
  const [path] = Object.keys(missing);
  if (path === undefined) return;
  throw new UserError(`${path} of model "${name}" is not in the cache`, {
    hint: "Run `mkimage models fetch`, or `mkimage build`, which fetches it too.",
  });
}

/**
 * A model ready to be put into images: its files are fetched where the cache lacks them, and each one has the sha256 of
 * the lock.
 * @param given.offline whether a file that the cache lacks is an error
 * @throws UserError (exit 2) for a missing or stale lock, (exit 1) when a fetched file is not the locked one, (exit 3) for
 * network, credentials and disk.
 */
export async function readyModel(
  name: string,
  { spec: written, lock }: { readonly spec: ModelSpec; readonly lock: Lock },
  given: FetchOptions & { readonly offline?: boolean | undefined },
): Promise<ReadyModel> {
  const options = withPermission(written, given);
  requireTokenizer(name, written);
  const locked = lockedModel(name, written, lock);
  const { commits, files } = locked;
  const wanted = lockedFiles(written, files);
  const missing = await missingFiles(name, files, { wanted, log: options.log });
  if (given.offline) requireCached(name, missing);
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
