import { type LockedModel, type ModelManifest, type ModelSpec, taskRow } from "../../models/spec.ts";
import { blobPath, hasBlob } from "../cache/layout.ts";
import { UserError } from "../errors.ts";
import { embeddingOf } from "./repository/embedding.ts";
import { type GraphOutput, readOnnxFile } from "./repository/onnx-file.ts";
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

/** Outputs of a graph, if the cache has it. Of one that is damaged nothing is known: the stage that converts it says why. */
async function outputsOf(
  file: LockedModel["files"][string] | undefined,
): Promise<readonly GraphOutput[] | undefined> {
  if (!file || !(await hasBlob(file))) return undefined;
  try {
    return readOnnxFile(blobPath(file.sha256), file.path).outputs;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/**
 * A spec with what the model's own files add to it.
 * @throws UserError (exit 2) where the two contradict each other, or a file asks for what is not supported
 */
export async function completeSpec(
  name: string,
  spec: ModelSpec,
  { locked, ...options }: FetchOptions & { readonly locked: LockedModel },
): Promise<ModelSpec> {
  const [graph = ""] = taskRow(spec.task).graphs;
  const { commits } = locked;
  const read = readerOf(name, lockedFiles(spec, locked.files), { ...options, commits });
  const files = await readSideFiles(read);
  const embedding = embeddingOf(spec, { model: name, files, graph: await outputsOf(locked.files[graph]) });
  return { ...spec, ...embedding };
}
