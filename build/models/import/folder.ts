import { dirname, normalize } from "node:path/posix";
import { UserError } from "../../errors.ts";
import { listSource } from "../sources/index.ts";
import type { Listing } from "../sources/source.ts";
import type { FolderRequest, ModelFolder } from "./model-folder.ts";
import { findWebFolder } from "./web.ts";

/** The folder that a graph belongs to: Optimum and transformers.js put graphs into onnx/. */
function folderOf(graph: string): string {
  const folder = dirname(graph);
  if (folder === "onnx") return "";
  return folder === "." ? "" : folder.replace(/\/onnx$/, "");
}

const below = (folder: string, paths: readonly string[]): string[] =>
  folder === ""
    ? [...paths]
    : paths.flatMap((path) => (path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : []));

/** Files that tell the folder of a whole model from one with a graph alone. */
const WHOLE = ["tokenizer.json", "preprocessor_config.json", "config.json"];

/**
 * The folder of a model among the files of a source: the one that is named, or the only one with an ONNX file. Pure.
 * @throws UserError (exit 2) where several have one, or the named one is not there
 */
export function chooseFolder(
  { paths }: Pick<Listing, "paths">,
  { source, folder }: { readonly source: string; readonly folder?: string | undefined },
): string {
  if (folder !== undefined) {
    const chosen = normalize(folder)
      .replace(/^\/+|^\.$/, "")
      .replace(/(?<!\/)\/+$/, "");
    if (chosen === "" || paths.some((path) => path.startsWith(`${chosen}/`))) return chosen;
    throw new UserError(`No folder ${folder} in ${source}`, { hint: "Check --folder." });
  }
  const found = [...new Set(paths.filter((path) => path.endsWith(".onnx")).map(folderOf))];
  if (found.length === 0 || found.includes("")) return "";
  const whole = found.filter((each) => WHOLE.some((file) => paths.includes(`${each}/${file}`)));
  const [only, ...others] = whole.length > 0 ? whole : found;
  if (only !== undefined && others.length === 0) return only;
  throw new UserError(`${source} has several folders with an ONNX file: ${found.slice(0, 12).join(", ")}`, {
    hint: "Choose one with --folder DIR.",
  });
}

/**
 * Looks for a model in a source.
 * @throws UserError (exit 2) for what is not there or not to be told apart, (exit 3) without token, credentials or network
 */
export async function findFolder(source: string, request: FolderRequest): Promise<ModelFolder> {
  const listing = await listSource(source, request);
  if (!listing) return findWebFolder(source, request);
  const folder = chooseFolder(listing, { source, folder: request.folder });
  return {
    ...listing,
    source,
    title: folder === "" ? source : `${folder} of ${source}`,
    paths: below(folder, listing.paths),
    place: (path) => (folder === "" ? path : `${folder}/${path}`),
  };
}
