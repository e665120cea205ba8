import { dirname, join, normalize } from "node:path/posix";
import { UserError } from "../../errors.ts";
import type { OnnxFile } from "./onnx-file.ts";

/** Where a model's files are. */
export interface Repository {
  /** For messages: `hf:owner/name`. */
  readonly source: string;
  readonly paths: readonly string[];
}

/** The path from a graph's folder on, in its shortest form. */
function pathOf(location: string, shown: string): string {
  const path = normalize(location);
  if (location !== "" && !path.startsWith("/") && !path.split("/").includes("..")) return path;
  throw new UserError(`${shown} keeps weights outside of its own folder, in "${location}"`, {
    hint: "Export it again with its weights beside it.",
  });
}

/**
 * The files that graphs keep their weights in: path in the model's folder, as the graph names it → path in the repository.
 * @param files the same for the graphs and the model's other files
 * @throws UserError (exit 2) for one outside of the graph's folder, that is not there, or that has another file's name
 */
export function weightFiles(
  graphs: Readonly<Record<string, Pick<OnnxFile, "locations">>>,
  files: Readonly<Record<string, string>>,
  { source, paths }: Repository,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [graph, { locations }] of Object.entries(graphs)) {
    const there = files[graph] ?? graph;
    const shown = `${there} of ${source}`;
    for (const location of locations) {
      const path = pathOf(location, shown);
      const data = join(dirname(there), path);
      if (!paths.includes(data)) {
        throw new UserError(`${shown} keeps weights in ${data}, which is not there`, {
          hint: "The repository is not complete: take another one, or another graph with --onnx PATH.",
        });
      }
      const taken = { ...files, ...found }[path] ?? data;
      if (taken !== data) {
        throw new UserError(`${shown} keeps weights in a file named ${path}, and so is ${taken}`, {
          hint: "Choose another graph with --onnx PATH, or export it with weights of another name.",
        });
      }
      found[path] = data;
    }
  }
  return found;
}
