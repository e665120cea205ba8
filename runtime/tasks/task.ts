import type { CheckTime } from "../deadline.ts";
import type { Model } from "../model.ts";
import type { InferenceRequest } from "../request.ts";

/** One thing that models do, named as on the Hugging Face hub. */
export interface Task {
  /** Throws when the model's graph cannot serve this task; called once, before the first request. */
  check(model: Model): void;
  /**
   * Answers a request in the shape that the Hugging Face inference API gives.
   * @param checkTime called between pieces of work that hold the thread
   */
  run(model: Model, request: InferenceRequest, checkTime: CheckTime): Promise<unknown>;
  /** `inputs` of the run that warms the model up. */
  readonly warmUp: unknown;
}
