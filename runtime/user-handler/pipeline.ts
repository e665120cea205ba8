import { infer, inferStream, type Occasion } from "../serving/infer.ts";
import type { Models } from "../serving/model-pool.ts";
import type { Pipeline, PipelineRequest } from "./api.d.ts";

/** The function's models as a project's own handler sees them, for one occasion. */
export function pipelineFor(models: Models, occasion: Occasion): Pipeline {
  const ask = (request: PipelineRequest) => infer(models, request, occasion);
  const stream = (request: PipelineRequest) => inferStream(models, request, occasion);
  return Object.assign(ask, { stream }) as Pipeline;
}
