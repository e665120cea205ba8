import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type LockedModel, type ModelSpec, modelSpec } from "../../models/spec.ts";
import { checkJson, parseJson } from "../json.ts";
import { unknownName } from "../nearest.ts";
import { locateSamples } from "./gate-inputs.ts";
import type { WantedFile } from "./sources/fetch.ts";

const NOT_SPECS = /^lock\.json$|\.schema\.json$/;

/** Names of the specs in a project's models/ folder. */
export async function listModels(project: string): Promise<string[]> {
  const files = await readdir(join(project, "models")).catch(() => []);
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
  if (!known.includes(name)) throw unknownName("model", name, known);
  const path = join(project, "models", `${name}.json`);
  return locateSamples(project, checkJson(modelSpec, parseJson(await readFile(path, "utf8"), path), path));
}

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

/** What of a model's lock no longer is what its spec asks for: path → the difference; empty for a current lock. Pure. */
export function staleFiles(spec: ModelSpec, locked: LockedModel | undefined): Record<string, string> {
  const [wanted, files] = [wantedFiles(spec), locked?.files ?? {}];
  const paths = [...new Set([...Object.keys(wanted), ...Object.keys(files)])];
  const stale = (path: string): string | undefined => {
    const [now, was] = [wanted[path], files[path]];
    if (!was) return "is not locked";
    if (!now) return "is locked, and the spec does not have it";
    if (now.source !== was.source) return `source was ${was.source}, is ${now.source}`;
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
