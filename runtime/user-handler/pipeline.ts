import { requestBytes } from "../environment/budget.ts";
import type { Pipeline, PipelineRequest } from "../handler-types/index.d.ts";
import { MAX_ANSWER } from "../request/answer-size.ts";
import { type InvocationContext, infer, inferStream } from "../serving/infer.ts";
import type { Models } from "../serving/model-pool.ts";

/** Memory of an answer relative to its size as JSON. */
const BYTES_PER_BYTE = 8;

export function pipelineFor(models: Models, context: InvocationContext): Pipeline {
  // The answer need not be the reply, but it must fit into memory.
  const answerLimit = Math.max(MAX_ANSWER, Math.floor(requestBytes(process.env) / BYTES_PER_BYTE));
  const ask = (request: PipelineRequest) => infer(models, request, { ...context, answerLimit });
  const stream = (request: PipelineRequest) => inferStream(models, request, context);
  return Object.assign(ask, { stream }) as Pipeline;
}
