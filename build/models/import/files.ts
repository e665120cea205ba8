import { graphFiles, type Task, type TaskRow, taskRow } from "../../../models/tasks.ts";
import { UserError } from "../../errors.ts";
import { FIRST_FILES } from "../repository/sentence-transformers.ts";

const tokenizes = ({ preprocessing }: TaskRow) => preprocessing === "tokenizer";
const readsImages = ({ preprocessing }: TaskRow) => preprocessing === "images";
const chats = ({ generation }: TaskRow) => generation === "continuation";

interface SideFile {
  readonly name: string;
  /** For messages. */
  readonly title: string;
  readonly reads: (task: TaskRow) => boolean;
  readonly required?: true;
}

/** What a model's folder has beside its graphs, by the tasks that read it. */
const SIDE_FILES: readonly SideFile[] = [
  { name: "tokenizer.json", title: "tokenizer", reads: tokenizes, required: true },
  { name: "tokenizer_config.json", title: "settings of the tokenizer", reads: tokenizes },
  {
    name: "preprocessor_config.json",
    title: "how pictures are prepared",
    reads: readsImages,
    required: true,
  },
  { name: "chat_template.jinja", title: "chat template", reads: chats },
  { name: "chat_template.json", title: "chat template", reads: chats },
  { name: "config.json", title: "configuration", reads: () => true },
  {
    name: "generation_config.json",
    title: "settings of generation",
    reads: ({ generation }) => generation !== "none",
  },
];

/** Names of all that a model may have beside its graphs, for servers that list no folder. */
export const SIDE_NAMES: readonly string[] = [
  ...new Set([...SIDE_FILES.map(({ name }) => name), ...FIRST_FILES]),
];

export interface FilesRequest {
  /** For messages: `hf:owner/name`. */
  readonly source: string;
  readonly task: Task;
  /** Another graph than the one of the usual name, as a path in the repository. */
  readonly onnx?: string | undefined;
}

/** Where Optimum and transformers.js put a graph: https://huggingface.co/docs/transformers.js/custom_usage */
function findGraph(graph: string, paths: readonly string[], { source, onnx }: FilesRequest): string {
  const candidates = onnx ? [onnx] : [`onnx/${graph}`, graph];
  const found = candidates.find((path) => paths.includes(path));
  if (found) return found;
  const graphs = paths.filter((path) => path.endsWith(".onnx"));
  const hint =
    graphs.length > 0
      ? `It has: ${graphs.slice(0, 12).join(", ")}. Choose one with --onnx PATH.`
      : "It has no ONNX file: export it with `optimum-cli export onnx`, or look for a copy in the organisation onnx-community.";
  throw new UserError(`No file ${candidates.join(" or ")} in ${source}`, { hint });
}

/**
 * The files of a repository that a task needs: path in the model's folder → path in the repository. Files with the weights
 * of a graph are not among them: the graph names those.
 * @throws UserError (exit 2) when a graph or a file that the task reads is not there, with what there is.
 */
export function chooseFiles(paths: readonly string[], request: FilesRequest): Record<string, string> {
  const { source, task, onnx } = request;
  const files: Record<string, string> = {};
  for (const graph of graphFiles(task)) {
    files[graph] = findGraph(graph, paths, { ...request, onnx: graph === "model.onnx" ? onnx : undefined });
  }
  for (const { name, reads, required } of SIDE_FILES) {
    if (!reads(taskRow(task))) continue;
    if (paths.includes(name)) files[name] = name;
    else if (required) {
      throw new UserError(`No file ${name} in ${source}: ${task} needs it`, {
        hint: "Convert it with transformers (save_pretrained of the fast tokenizer or the processor), or take another repository.",
      });
    }
  }
  return files;
}

/** What a file is for, by its name in the model's folder. */
const titleOf = (name: string): string =>
  SIDE_FILES.find((file) => file.name === name)?.title ??
  (name.endsWith(".onnx") ? "graph" : "weights of the graph");

/** Of what is left in a source, so many are named. */
const NAMED = 4;

/**
 * What is taken from a source and why, and what is left there, as lines for people. Pure.
 * @param files path in the model's folder → path in the source
 */
export function choiceLines(
  files: Readonly<Record<string, string>>,
  { title, paths }: { readonly title: string; readonly paths: readonly string[] },
): string[] {
  const taken = Object.entries(files).map(([name, path]) => `${path} (${titleOf(name)})`);
  const chosen = new Set(Object.values(files));
  const left = paths.filter((path) => !chosen.has(path));
  const more = left.length > NAMED ? ` and ${left.length - NAMED} more` : "";
  return [
    `${title}: takes ${taken.join(", ")}`,
    ...(left.length > 0 ? [`${title}: leaves ${left.slice(0, NAMED).join(", ")}${more}`] : []),
  ];
}
