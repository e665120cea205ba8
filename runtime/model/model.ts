import type { ModelManifest } from "../../models/spec.ts";
import type { ChatMessage } from "../chat/prompts.ts";
import type { ImageProcessor } from "../image-processing/image-processor.ts";
import type { ModelConfig } from "../model-files/config.ts";
import type { Graph } from "../onnx/graph.ts";
import type { Parameter } from "../request/parameters.ts";
import type { InferenceRequest } from "../request/request.ts";
import type { Work } from "../request/work.ts";
import type { TextTokenizer } from "../tokenizer/types.ts";

/** An open model. */
export interface Model {
  readonly manifest: ModelManifest;
  /** config.json and generation_config.json as transformers writes them; empty when the model has none. */
  readonly config: ModelConfig;
  /** The first of its graphs, for most tasks the only one. */
  readonly graph: Graph;
  readonly graphs: readonly Graph[];
  readonly task: Task;
}

export interface TextModel extends Model {
  readonly tokenizer: TextTokenizer;
  /** Renders a chat with the model's template; throws BadRequest if there is none, or if it rejects the chat. */
  readonly chat: (
    messages: readonly ChatMessage[],
    options: { readonly field: string; readonly between?: () => void },
  ) => Promise<string>;
}

export interface ImageModel extends Model {
  readonly images: ImageProcessor;
}

/** Answers requests of one form: inputs or chats. */
export interface Answerer<Of extends Model = Model> {
  /** Supported parameters, and those that Hugging Face documents and this runtime refuses. */
  readonly parameters: Readonly<Record<string, Parameter<unknown>>>;
  /** The answer in the format of the Hugging Face inference API. */
  run(model: Of, request: InferenceRequest, work: Work): Promise<unknown>;
  /** The same in pieces, one per server-sent event; absent if the answer cannot be streamed. */
  stream?(model: Of, request: InferenceRequest, work: Work): AsyncGenerator<unknown, void>;
}

/** A task, named as on the Hugging Face hub. */
export interface Task<Of extends Model = Model> extends Answerer<Of> {
  /** Throws when the model lacks something that its graphs do not show; called once, before the first request. */
  check?(model: Of): void;
  /** Answers chat completions; absent if the task has none. */
  readonly chat?: Answerer<Of>;
  warmUp(model: Of): Pick<InferenceRequest, "inputs"> & Partial<Pick<InferenceRequest, "parameters">>;
}
