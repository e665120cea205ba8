import type { LockedModel, ModelManifest, ModelSpec } from "../../models/spec.ts";
import { graphFiles, type Task } from "../../models/tasks.ts";
import { blobPath, hasBlob } from "../cache/blobs.ts";
import { UserError } from "../errors.ts";
import { embeddingOf } from "./repository/embedding.ts";
import { CONFIGS, requireFit } from "./repository/graph-fit.ts";
import { type OnnxFile, readOnnxFile } from "./repository/onnx-file.ts";
import { type ReadFiles, readSideFiles, readValues } from "./repository/side-files.ts";
import { type FetchOptions, fetchToCache, type Wanted } from "./sources/fetch.ts";
import { lockedFiles } from "./wanted.ts";

/** What the runtime is told about a model, by its spec alone. */
export function toManifest(name: string, spec: ModelSpec): ModelManifest {
  const { task, maxTokens, outputs, pooling = "mean", normalize = true } = spec;
  const { prompts, defaultPromptName, includePrompt, lowercase } = spec;
  return {
    name,
    task,
    maxTokens,
    pooling,
    normalize,
    ...(outputs && { outputs }),
    ...(prompts && { prompts }),
    ...(defaultPromptName !== undefined && { defaultPromptName }),
    ...(includePrompt !== undefined && { includePrompt }),
    ...(lowercase !== undefined && { lowercase }),
  };
}

/** Reads files of a locked model; what the cache lacks is fetched. */
export const readerOf =
  (name: string, files: Wanted, options: FetchOptions & Pick<LockedModel, "commits">): ReadFiles =>
  async (paths) => {
    const asked = paths.flatMap((path) => (files[path] ? [[path, files[path]] as const] : []));
    return readValues(await fetchToCache(name, Object.fromEntries(asked), options));
  };

/**
 * The task's graphs, those that the cache has. Of one that is damaged nothing is known: the stage that converts it says why.
 */
async function graphsOf(task: Task, { files }: LockedModel): Promise<Record<string, OnnxFile>> {
  const graphs: Record<string, OnnxFile> = {};
  for (const name of graphFiles(task)) {
    const file = files[name];
    if (!file || !(await hasBlob(file))) continue;
    try {
      graphs[name] = readOnnxFile(blobPath(file.sha256), file.path);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
  return graphs;
}

/**
 * A spec with what the model's own files add to it.
 * @throws UserError (exit 2) where the two contradict each other, a file asks for what is not supported, or a graph cannot
 * do the spec's task
 */
export async function completeSpec(
  name: string,
  spec: ModelSpec,
  { locked, ...options }: FetchOptions & { readonly locked: LockedModel },
): Promise<ModelSpec> {
  const { commits } = locked;
  const read = readerOf(name, lockedFiles(spec, locked.files), { ...options, commits });
  const files = await readSideFiles(read, CONFIGS);
  const graphs = await graphsOf(spec.task, locked);
  const [first = ""] = graphFiles(spec.task);
  const embedding = embeddingOf(spec, { model: name, files, graph: graphs[first]?.outputs });
  const complete = { ...spec, ...embedding };
  requireFit({ name, spec: complete, graphs, files });
  return complete;
}
