import { dirname } from "node:path/posix";
import { publicUrl } from "../../../models/public-url.ts";
import { type LockedModel, type ModelSpec, NAME } from "../../../models/spec.ts";
import { graphFiles, type Task } from "../../../models/tasks.ts";
import { blobPath } from "../../cache/blobs.ts";
import { UserError } from "../../errors.ts";
import { lockFiles } from "../lock-model.ts";
import { readerOf } from "../manifest.ts";
import { embeddingOf } from "../repository/embedding.ts";
import { type OnnxFile, readOnnxFile } from "../repository/onnx-file.ts";
import { type ReadFiles, readSideFiles } from "../repository/side-files.ts";
import { weightFiles } from "../repository/weight-files.ts";
import { type FetchOptions, fetchToCache } from "../sources/fetch.ts";
import { license, maxTokens } from "./facts.ts";
import { choiceLines, chooseFiles } from "./files.ts";
import { findFolder } from "./folder.ts";
import type { FolderRequest, ModelFolder } from "./model-folder.ts";
import { samplesOf } from "./samples.ts";
import { guessTask, type TaskGuess } from "./task.ts";

export interface DescribeRequest extends FolderRequest {
  /** Such as `hf:owner/name` or `file:weights`. */
  readonly source: string;
  /** Of the spec; default: made from the source. */
  readonly name?: string | undefined;
  readonly task?: Task | undefined;
  readonly onnx?: string | undefined;
  /** Chooses among the tasks that a model may be for. */
  readonly chooseTask: (guess: TaskGuess, title: string) => Task | Promise<Task>;
}

/** What a source is found to have, and who wants to know. */
interface Found extends FetchOptions {
  readonly name: string;
  readonly folder: ModelFolder;
  readonly commits?: LockedModel["commits"];
}

/** A spec as it is written to a file: without defaults. */
export type WrittenSpec = Partial<ModelSpec> & Pick<ModelSpec, "task" | "files">;

/** What a source is called, without revision, version and query: the name of a spec is made from it. */
function titleOf(source: string): string {
  const [, kind, address = ""] = /^(\w+):(.*)$/.exec(source) ?? [];
  if (kind === "https") return dirname(publicUrl(source));
  return address.replace(/@[^@/]*$/, "").replace(/(?<!\/)\/+$/, "");
}

/**
 * The name of a spec: the given one, or one made from its source.
 * @throws UserError (exit 2) for one that no spec can have
 */
export function nameOf(source: string, given: string | undefined): string {
  const name = given ?? modelName(titleOf(source));
  if (NAME.test(name) && name !== "lock") return name;
  throw new UserError(`"${name}" is not a name for a model`, {
    hint: "Give a lower-case name such as all-minilm-l6-v2 with --name.",
  });
}

/** `sentence-transformers/all-MiniLM-L6-v2` → `all-minilm-l6-v2`. */
export function modelName(repo: string): string {
  const name = repo
    .slice(repo.lastIndexOf("/") + 1)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/([._-])[._-]+/g, "$1")
    .replaceAll(/^[^a-z0-9]+|(?<=[a-z0-9])[^a-z0-9]+$/g, "");
  if (NAME.test(name)) return name;
  throw new UserError(`No name for ${repo} can be made`, { hint: "Give one with --name." });
}

/** Read beside the files that embeddings are described by. */
const DESCRIBING = ["tokenizer_config.json"];

/** The part of a spec that names files by their paths in the model's folder. */
const filesOf = ({ source = "", place }: ModelFolder, files: Readonly<Record<string, string>>) => ({
  ...(source && { source }),
  files: Object.fromEntries(Object.entries(files).map(([name, path]) => [name, place(path)])),
});

/** Files of a model's folder by their paths in it, fetched where the cache lacks them. */
const readerIn =
  ({ name, folder, ...options }: Found): ReadFiles =>
  async (asked) => {
    const files = Object.fromEntries(
      asked.filter((path) => folder.paths.includes(path)).map((path) => [path, path]),
    );
    const { files: locked, commits } = await lockFiles(name, filesOf(folder, files), options);
    return readerOf(name, locked, { ...options, commits })(asked);
  };

/** The graphs among a model's files, read: path in the model's folder → what it says. */
async function readGraphs(
  files: Readonly<Record<string, string>>,
  { name, folder, ...options }: Found,
): Promise<Record<string, OnnxFile>> {
  const graphs = Object.fromEntries(Object.entries(files).filter(([path]) => path.endsWith(".onnx")));
  const { files: locked, commits } = await lockFiles(name, filesOf(folder, graphs), options);
  await fetchToCache(name, locked, { ...options, commits });
  return Object.fromEntries(
    Object.entries(locked).map(([path, { sha256 }]) => [
      path,
      readOnnxFile(blobPath(sha256), `${files[path]} of ${folder.title}`),
    ]),
  );
}

/** A model as its source describes it. */
export interface Described {
  readonly name: string;
  readonly spec: WrittenSpec;
  readonly commits: NonNullable<LockedModel["commits"]>;
}

/**
 * The spec of a model in any source, as its own files, its graphs and its model card describe it, and the commit that they
 * were read at. The graphs are fetched: only they say where their weights are and what they give.
 * @throws UserError (exit 2) for what does not exist or cannot be used, (exit 3) without token, credentials or network.
 */
export async function describeModel({
  source,
  task: given,
  onnx,
  chooseTask,
  ...asked
}: DescribeRequest): Promise<Described> {
  const name = nameOf(source, asked.name);
  const folder = await findFolder(source, asked);
  const commits = folder.commit ? { [source]: folder.commit } : {};
  const { project, signal, log, allowOutside } = asked;
  const found: Found = { name, folder, commits, project, signal, log, allowOutside };
  const facts = await readSideFiles(readerIn(found), DESCRIBING);
  const task =
    given ??
    (await chooseTask(
      guessTask({ title: folder.title, task: folder.task, config: facts["config.json"] }),
      folder.title,
    ));
  const files = chooseFiles(folder.paths, { source: folder.title, task, onnx });
  const graphs = await readGraphs(files, found);
  const [first = ""] = graphFiles(task);
  const spdx = license(folder.card ?? {});
  const longest = maxTokens(facts);
  const samples = samplesOf(task, facts);
  const all = { ...files, ...weightFiles(graphs, files, { source: folder.title, paths: folder.paths }) };
  for (const line of choiceLines(all, folder)) log(line);
  const spec: WrittenSpec = {
    ...(spdx ? { license: spdx } : {}),
    task,
    ...filesOf(folder, all),
    ...(allowOutside && source.startsWith("file:") ? { allowOutside } : {}),
    ...(longest ? { maxTokens: longest } : {}),
    ...embeddingOf({ task }, { model: name, files: facts, graph: graphs[first]?.outputs }),
    ...(samples.length > 0 ? { samples } : {}),
  };
  return { name, spec, commits };
}
