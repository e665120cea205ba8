import type { ModelManifest } from "../../models/spec.ts";
import type { ChatMessage } from "../chat/prompts.ts";
import type { ImageProcessor } from "../image-processing/image-processor.ts";
import type { ModelConfig } from "../model-files/config.ts";
import type { Graph } from "../onnx/graph.ts";
import type { Parameter } from "../request/parameters.ts";
import type { InferenceRequest } from "../request/request.ts";
import type { Work } from "../request/work.ts";
import type { TextTokenizer } from "../tokenizer/types.ts";

/** What every model has that is ready to answer. */
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
  /** Puts a chat into the model's words; throws BadRequest for a model without a chat template, or that refuses it. */
  readonly chat: (
    messages: readonly ChatMessage[],
    options: { readonly field: string; readonly between?: () => void },
  ) => Promise<string>;
}

export interface ImageModel extends Model {
  readonly images: ImageProcessor;
}

/** What answers requests of one shape. */
export interface Answerer<Of extends Model = Model> {
  /** The parameters that it takes, and those that Hugging Face documents for it and it refuses. */
  readonly parameters: Readonly<Record<string, Parameter<unknown>>>;
  /** Answers a request in the shape that the Hugging Face inference API gives. */
  run(model: Of, request: InferenceRequest, work: Work): Promise<unknown>;
  /** The same piece by piece, each a value for one server-sent event; absent when there are no pieces. */
  stream?(model: Of, request: InferenceRequest, work: Work): AsyncGenerator<unknown, void>;
}

/** One thing that models do, named as on the Hugging Face hub. */
export interface Task<Of extends Model = Model> extends Answerer<Of> {
  /** The model's ONNX files, the first of which is `model.graph`; `model.onnx` when not given. */
  readonly graphs?: readonly string[];
  /** False for a task that reads no text; it needs no tokenizer.json. */
  readonly tokenizes?: boolean;
  /** True for a task that reads images; it needs preprocessor_config.json, and sharp in the function's image. */
  readonly images?: boolean;
  /** Throws when the model's files cannot serve this task; called once, before the first request. */
  check(model: Of): void;
  /** Answers chat completions; absent when a task takes no chat. */
  readonly chat?: Answerer<Of>;
  /** The request that warms a model up. */
  warmUp(model: Of): Pick<InferenceRequest, "inputs"> & Partial<Pick<InferenceRequest, "parameters">>;
}
