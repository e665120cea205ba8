import type { Parameter } from "../request/parameters.ts";
import type { InferenceRequest } from "../request/request.ts";
import type { Work } from "../request/work.ts";
import type { Model } from "../serving/open-model.ts";

/** What answers requests of one shape. */
export interface Answerer {
  /** The parameters that it takes, and those that Hugging Face documents for it and it refuses. */
  readonly parameters: Readonly<Record<string, Parameter<unknown>>>;
  /** Answers a request in the shape that the Hugging Face inference API gives. */
  run(model: Model, request: InferenceRequest, work: Work): Promise<unknown>;
  /** The same piece by piece, each a value for one server-sent event; absent when there are no pieces. */
  stream?(model: Model, request: InferenceRequest, work: Work): AsyncGenerator<unknown, void>;
}

/** One thing that models do, named as on the Hugging Face hub. */
export interface Task extends Answerer {
  /** The model's ONNX files, the first of which is `model.graph`; `model.onnx` when not given. */
  readonly graphs?: readonly string[];
  /** False for a task that reads no text; it needs no tokenizer.json. */
  readonly tokenizes?: boolean;
  /** True for a task that reads images; it needs preprocessor_config.json, and sharp in the function's image. */
  readonly images?: boolean;
  /** Throws when the model's files cannot serve this task; called once, before the first request. */
  check(model: Model): void;
  /** Answers chat completions; absent when a task takes no chat. */
  readonly chat?: Answerer;
  /** The request that warms a model up. */
  warmUp(model: Model): Pick<InferenceRequest, "inputs"> & Partial<Pick<InferenceRequest, "parameters">>;
}
