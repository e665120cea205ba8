import type { Model } from "../model.ts";
import type { InferenceRequest } from "../request.ts";
import type { Work } from "../work.ts";

/** One thing that models do, named as on the Hugging Face hub. */
export interface Task {
  /** The model's ONNX files, the first of which is `model.graph`; `model.onnx` when not given. */
  readonly graphs?: readonly string[];
  /** False for a task that reads no text; it needs no tokenizer.json. */
  readonly tokenizes?: boolean;
  /** True for a task that reads images; it needs preprocessor_config.json, and sharp in the function's image. */
  readonly images?: boolean;
  /** Throws when the model's files cannot serve this task; called once, before the first request. */
  check(model: Model): void;
  /** Answers a request in the shape that the Hugging Face inference API gives. */
  run(model: Model, request: InferenceRequest, work: Work): Promise<unknown>;
  /** The same piece by piece, each a value for one server-sent event; absent when a task has no pieces. */
  stream?(model: Model, request: InferenceRequest, work: Work): AsyncGenerator<unknown, void>;
  /** The request that warms a model up. */
  warmUp(model: Model): Pick<InferenceRequest, "inputs"> & Partial<Pick<InferenceRequest, "parameters">>;
}
