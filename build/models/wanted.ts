import { basename } from "node:path";
import type { LockedModel, ModelSpec } from "../../models/spec.ts";
import type { WantedFile } from "./sources/fetch.ts";

/** The source that a file comes from, and its path there; an address of the web names the file itself. */
function origin(spec: Pick<ModelSpec, "source">, from: ModelSpec["files"][string]): WantedFile {
  const {
    source = spec.source ?? "",
    path,
    sha256,
  } = typeof from === "string" ? { path: from, sha256: undefined } : from;
  const named = path ?? basename(URL.parse(source)?.pathname ?? source);
  return { source, path: named, ...(sha256 ? { sha256, pinnedBy: "spec" as const } : {}) };
}

/** The files that a spec asks for: path in the image's model folder → source, path in it and sha256 where the spec has it. */
export function wantedFiles(spec: Pick<ModelSpec, "source" | "files">): Record<string, WantedFile> {
  return Object.fromEntries(Object.entries(spec.files).map(([path, from]) => [path, origin(spec, from)]));
}

/** Locked files as they are fetched: the spec's address of the web may have a query, which the lock does not keep. */
export function lockedFiles(
  spec: Pick<ModelSpec, "source" | "files">,
  files: LockedModel["files"],
): Record<string, WantedFile> {
  const wanted = wantedFiles(spec);
  return Object.fromEntries(
    Object.entries(files).map(([path, file]) => [
      path,
      { ...file, source: wanted[path]?.source ?? file.source, pinnedBy: "lock" as const },
    ]),
  );
}
