import type { ModelSpec, Task } from "../models/spec.ts";
import { NAME } from "../models/spec.ts";
import { Hub } from "./clients/hub.ts";
import { UserError } from "./errors.ts";
import { DESCRIBING, embeddingFacts, license, maxTokens } from "./hub-facts.ts";
import { chooseFiles } from "./hub-files.ts";
import { parseHubAddress } from "./sources/hf.ts";

export interface DescribeRequest {
  /** Behind `hf:`. */
  readonly address: string;
  readonly task: Task;
  readonly onnx?: string | undefined;
  readonly signal: AbortSignal;
}

/** A spec as it is written to a file: without defaults. */
export type WrittenSpec = Partial<ModelSpec> & Pick<ModelSpec, "task" | "files">;

/** `sentence-transformers/all-MiniLM-L6-v2` → `all-minilm-l6-v2`. */
export function modelName(repo: string): string {
  const name = repo
    .slice(repo.lastIndexOf("/") + 1)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/([._-])[._-]+/g, "$1")
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");
  if (NAME.test(name)) return name;
  throw new UserError(`No name for ${repo} can be made`, { hint: "Give one with --name." });
}

function parseFile(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const SAMPLES = [{ inputs: "A man is eating food." }, { inputs: "The weather is lovely today." }];
const TEXT_TASKS = new Set<string>(["feature-extraction", "text-classification", "token-classification"]);

/**
 * The spec of a model on the Hugging Face hub, as its own files and its model card describe it.
 * @throws UserError (exit 2) for what does not exist or cannot be used, (exit 3) without token or network.
 */
export async function describeHubModel({
  address,
  task,
  onnx,
  signal,
}: DescribeRequest): Promise<WrittenSpec> {
  const hub = await Hub.connect(signal);
  const at = parseHubAddress(address);
  const source = `hf:${address}`;
  const { commit, paths, card } = await hub.findModel(at);
  const files = chooseFiles(paths, { source, task, onnx });
  const describing = DESCRIBING.filter((path) => paths.includes(path));
  const texts = await Promise.all(describing.map((path) => hub.readText({ ...at, revision: commit }, path)));
  const facts = Object.fromEntries(describing.map((path, index) => [path, parseFile(texts[index] ?? "")]));
  const spdx = license(card);
  const longest = maxTokens(facts);
  return {
    ...(spdx ? { license: spdx } : {}),
    task,
    source,
    files,
    ...(longest ? { maxTokens: longest } : {}),
    ...embeddingFacts(task, facts),
    ...(TEXT_TASKS.has(task) ? { samples: SAMPLES } : {}),
  };
}
