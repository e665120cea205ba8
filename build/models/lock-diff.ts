import type { LockedFile, LockedModel } from "../../models/spec.ts";
import type { Lock } from "./lockfile.ts";

const short = (sha: string) => sha.replace(/^(sha256:)?([0-9a-f]{12})[0-9a-f]+$/, "$1$2");

function fileDrift(path: string, was: LockedFile | undefined, now: LockedFile | undefined): string[] {
  if (!was || !now) return [`${path}: ${was ? "is gone" : "is new"}`];
  const moved = [];
  if (was.source !== now.source) moved.push(`source ${was.source} → ${now.source}`);
  if (was.path !== now.path) moved.push(`path ${was.path} → ${now.path}`);
  if (was.sha256 !== now.sha256)
    moved.push(`sha256 ${short(was.sha256)} → ${short(now.sha256)}, ${was.size} → ${now.size} bytes`);
  return moved.map((each) => `${path}: ${each}`);
}

const keys = (...tables: readonly object[]): string[] =>
  [...new Set(tables.flatMap((table) => Object.keys(table)))].sort();

function modelDrift(was: LockedModel | undefined, now: LockedModel | undefined): string[] {
  if (!was || !now) return [was ? "has no spec any more" : "is not locked"];
  const [before, after] = [was.commits ?? {}, now.commits ?? {}];
  const commits = keys(before, after)
    .filter((source) => before[source] !== after[source])
    .map(
      (source) => `${source}: commit ${short(before[source] ?? "none")} → ${short(after[source] ?? "none")}`,
    );
  return [
    ...commits,
    ...keys(was.files, now.files).flatMap((path) => fileDrift(path, was.files[path], now.files[path])),
  ];
}

type Locked = Pick<Lock, "models" | "bases">;

/** What has moved between two locks, a line each: commits, files, base images. Empty when nothing has. Pure. */
export function lockDrift(was: Locked, now: Locked): string[] {
  const models = keys(was.models, now.models).flatMap((name) =>
    modelDrift(was.models[name], now.models[name]).map((line) => `${name}: ${line}`),
  );
  const bases = keys(was.bases, now.bases)
    .filter((reference) => was.bases[reference] !== now.bases[reference])
    .map(
      (reference) =>
        `${reference}: ${short(was.bases[reference] ?? "not pinned")} → ${short(now.bases[reference] ?? "not pinned")}`,
    );
  return [...models, ...bases];
}
