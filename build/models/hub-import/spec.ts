import { type LockedModel, type ModelSpec, NAME } from "../../../models/spec.ts";
import { graphFiles, type Task, taskRow } from "../../../models/tasks.ts";
import { blobPath } from "../../cache/blobs.ts";
import { Hub } from "../../clients/hub.ts";
import { UserError } from "../../errors.ts";
import { lockFiles } from "../lock-model.ts";
import { readerOf } from "../manifest.ts";
import { embeddingOf } from "../repository/embedding.ts";
import { type OnnxFile, readOnnxFile } from "../repository/onnx-file.ts";
import { type ReadFiles, readSideFiles } from "../repository/side-files.ts";
import { type Repository, weightFiles } from "../repository/weight-files.ts";
import { type FetchOptions, fetchToCache } from "../sources/fetch.ts";
import { parseHubAddress } from "../sources/hf.ts";
import { license, maxTokens } from "./facts.ts";
import { chooseFiles } from "./files.ts";

export interface DescribeRequest extends FetchOptions {
  /** Of the spec, for messages. */
  readonly name: string;
  /** Behind `hf:`. */
  readonly address: string;
  readonly task: Task;
  readonly onnx?: string | undefined;
}

/** A request with the commit that its source has now. */
type AtCommit = DescribeRequest & Required<Pick<LockedModel, "commits">>;

/** A spec as it is written to a file: without defaults. */
export type WrittenSpec = Partial<ModelSpec> & Pick<ModelSpec, "task" | "files">;

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

const SAMPLES = [{ inputs: "A man is eating food." }, { inputs: "The weather is lovely today." }];
/** Read beside the files that embeddings are described by. */
const DESCRIBING = ["tokenizer_config.json"];

/** Files of a repository by their own paths, fetched where the cache lacks them. */
const readerIn =
  ({ source, paths }: Repository, { name, ...options }: AtCommit): ReadFiles =>
  async (asked) => {
    const files = Object.fromEntries(
      asked.filter((path) => paths.includes(path)).map((path) => [path, path]),
    );
    const { files: locked, commits } = await lockFiles(name, { source, files }, options);
    return readerOf(name, locked, { ...options, commits })(asked);
  };

/** The graphs among a model's files, read: path in the model's folder → what it says. */
async function readGraphs(
  files: Readonly<Record<string, string>>,
  { source }: Repository,
  { name, ...options }: AtCommit,
): Promise<Record<string, OnnxFile>> {
  const graphs = Object.fromEntries(Object.entries(files).filter(([path]) => path.endsWith(".onnx")));
  const { files: locked, commits } = await lockFiles(name, { source, files: graphs }, options);
  await fetchToCache(name, locked, { ...options, commits });
  return Object.fromEntries(
    Object.entries(locked).map(([path, { path: there, sha256 }]) => [
      path,
      readOnnxFile(blobPath(sha256), `${there} of ${source}`),
    ]),
  );
}

/**
 * The spec of a model on the Hugging Face hub, as its own files, its graphs and its model card describe it, and the commit
 * that they were read at. The graphs are fetched: only they say where their weights are and what they give.
 * @throws UserError (exit 2) for what does not exist or cannot be used, (exit 3) without token or network.
 */
export async function describeHubModel(
  asked: DescribeRequest,
): Promise<{ readonly spec: WrittenSpec } & Required<Pick<LockedModel, "commits">>> {
  const { name, address, task, onnx, signal } = asked;
  const hub = await Hub.connect(signal);
  const source = `hf:${address}`;
  const { commit, paths, card } = await hub.findModel(parseHubAddress(address));
  const request = { ...asked, commits: { [source]: commit } };
  const repository = { source, paths };
  const files = chooseFiles(paths, { source, task, onnx });
  const facts = await readSideFiles(readerIn(repository, request), DESCRIBING);
  const graphs = await readGraphs(files, repository, request);
  const [first = ""] = graphFiles(task);
  const spdx = license(card);
  const longest = maxTokens(facts);
  const spec: WrittenSpec = {
    ...(spdx ? { license: spdx } : {}),
    task,
    source,
    files: { ...files, ...weightFiles(graphs, files, repository) },
    ...(longest ? { maxTokens: longest } : {}),
    ...embeddingOf({ task }, { model: name, files: facts, graph: graphs[first]?.outputs }),
    ...(taskRow(task).anyText ? { samples: SAMPLES } : {}),
  };
  return { spec, commits: request.commits };
}
