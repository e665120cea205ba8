import { isLogged, log } from "../lambda/log.ts";
import type { Answerer, Model } from "../model/model.ts";
import { requireServerFacts } from "../request/allowed.ts";
import { beforeDeadline } from "../request/deadline.ts";
import { BadRequest } from "../request/errors.ts";
import { type InferenceRequest, readRequest } from "../request/request.ts";
import { newWork } from "../request/work.ts";
import type { Lease, Models } from "./model-pool.ts";
import { serverFacts } from "./server-facts.ts";

/**
 * The part of a Lambda invocation that an answer depends on: its deadline in milliseconds since 1970, and its id for
 * the log.
 */
export interface InvocationContext {
  readonly deadlineMs: number;
  readonly requestId: string;
  readonly answerLimit?: number;
}

/** Answers a request. With `server: true` the result is `{output, server}`. */
export async function infer(models: Models, payload: unknown, context: InvocationContext): Promise<unknown> {
  const request = readAllowed(payload);
  const start = performance.now();
  return beforeDeadline(context.deadlineMs, async (checkTime, timeLeft) => {
    const lease = await models.use(request.model);
    const { model } = lease;
    try {
      const work = newWork(checkTime, timeLeft, context.answerLimit);
      const output = await answererOf(model, request).run(model, request, work);
      if (!request.server && !isLogged("DEBUG")) return output;
      const facts = serverFacts(model.manifest.name, {
        timings: work.timings,
        total: performance.now() - start,
      });
      log("DEBUG", "answered", { requestId: context.requestId, model: facts.model, timings: facts.timings });
      return request.server ? { output, server: facts } : output;
    } finally {
      lease.release();
    }
  });
}

function readAllowed(payload: unknown): InferenceRequest {
  const request = readRequest(payload);
  if (request.server) requireServerFacts(request.pathOf("server"));
  return request;
}

function answererOf({ task, manifest }: Model, { isChat }: InferenceRequest): Answerer {
  if (!isChat) return task;
  if (task.chat) return task.chat;
  throw new BadRequest("messages", `${manifest.task} does not support chats; send inputs`);
}

export function wantsStream(payload: unknown): boolean {
  return typeof payload === "object" && payload !== null && readRequest(payload).stream;
}

export async function* inferStream(
  models: Models,
  payload: unknown,
  context: InvocationContext,
): AsyncGenerator<unknown, void> {
  const request = readAllowed(payload);
  const lease = await models.use(request.model);
  try {
    yield* piecesOf(lease, request, context);
  } finally {
    lease.release();
  }
}

async function* piecesOf(
  { model }: Lease,
  request: InferenceRequest,
  { deadlineMs }: InvocationContext,
): AsyncGenerator<unknown, void> {
  const answerer = answererOf(model, request);
  if (!answerer.stream)
    throw new BadRequest(request.pathOf("stream"), `${model.manifest.task} cannot stream its answer`);
  let check = () => {};
  const pieces = answerer.stream(
    model,
    request,
    newWork(() => check()),
  );
  for (;;) {
    const step = await beforeDeadline(deadlineMs, (checkTime) => {
      check = checkTime;
      checkTime();
      return pieces.next();
    });
    if (step.done) return;
    yield step.value;
  }
}
