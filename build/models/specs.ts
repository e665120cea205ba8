import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { nearest } from "../../models/nearest.ts";
import { publicSource } from "../../models/public-url.ts";
import { type LockedModel, type ModelSpec, modelSpec, NAME } from "../../models/spec.ts";
import { UserError } from "../errors.ts";
import { readProjectJson } from "../files/json.ts";
import { locateSamples } from "./gate-inputs.ts";
import { readReplies } from "./sample-replies.ts";
import { wantedFiles } from "./wanted.ts";

const NOT_SPECS = /^lock\.json$|\.(?:schema|samples)\.json$/;

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

/** The error for a model without a spec: which file is missing, the nearest name, and how a spec is made. */
function unknownModel(name: string, known: readonly string[]): UserError {
  const near = nearest(name, known);
  const add = `mkimage models add hf:OWNER/NAME${NAME.test(name) ? ` --name ${name}` : ""}`;
  const hints = [
    ...(near ? [`Did you mean "${near}"?`] : []),
    ...(known.length > 0 ? [`models/ has ${known.join(", ")}.`] : []),
    `To add a model: ${add}`,
  ];
  return new UserError(`Unknown model "${name}": there is no models/${name}.json`, { hint: hints.join(" ") });
}

/**
 * The spec `models/<name>.json` of a project; images of its samples are named by whole paths.
 * @throws UserError (exit 2) when there is none (with the nearest name) or it is not valid.
 */
export async function loadSpec(project: string, name: string): Promise<ModelSpec> {
  const known = await listModels(project);
  const path = join(project, "models", `${name}.json`);
  const spec = known.includes(name) ? await readProjectJson(modelSpec, path) : undefined;
  if (!spec) throw unknownModel(name, known);
  if (!NAME.test(name)) {
    throw new UserError(`${path}: "${name}" is not a name for a model`, {
      hint: "Rename it to a lower-case name such as all-minilm-l6-v2.json.",
    });
  }
  return { ...(await locateSamples(project, spec)), replies: await readReplies(project, name) };
}

/** Specs by the names of their models. */
export type Specs = Readonly<Record<string, ModelSpec>>;

/** The specs of a project that are named, each read once. @throws UserError as `loadSpec` does */
export async function loadSpecs(project: string, names: readonly string[]): Promise<Specs> {
  const specs: Record<string, ModelSpec> = {};
  for (const name of names) specs[name] = await loadSpec(project, name);
  return specs;
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
