import type { LockedModel, ModelSpec } from "../../models/spec.ts";
import { hasBlob } from "../cache/blobs.ts";
import type { Lock } from "./lockfile.ts";
import { staleFiles } from "./specs.ts";

/** A model of a project, and how far it is on its way into an image. */
export interface ModelState {
  readonly name: string;
  readonly task: string;
  readonly license: string | undefined;
  readonly sources: readonly string[];
  readonly commits: Readonly<Record<string, string>>;
  readonly lock: "current" | "stale" | "missing";
  /** Bytes of its locked files. */
  readonly size: number;
  /** Bytes of them that the cache has. */
  readonly cached: number;
}

const lockState = (spec: ModelSpec, locked: LockedModel | undefined): ModelState["lock"] => {
  if (!locked) return "missing";
  return Object.keys(staleFiles(spec, locked)).length > 0 ? "stale" : "current";
};

/** What lock and cache have of a model. */
export async function modelState(name: string, spec: ModelSpec, lock: Lock): Promise<ModelState> {
  const locked = lock.models[name];
  const files = Object.values(locked?.files ?? {});
  let cached = 0;
  for (const file of files) if (await hasBlob(file)) cached += file.size;
  return {
    name,
    task: spec.task,
    license: spec.license,
    sources: [...new Set(files.map(({ source }) => source))].sort(),
    commits: locked?.commits ?? {},
    lock: lockState(spec, locked),
    size: files.reduce((sum, { size }) => sum + size, 0),
    cached,
  };
}
