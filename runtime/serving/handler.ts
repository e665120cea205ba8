import { readBody } from "../http-events/body.ts";
import { checkBody, type HttpRequest, isHttpEvent, readHttpEvent } from "../http-events/event.ts";
import { forTrigger, jsonReply } from "../http-events/reply.ts";
import { replyTo, streamTo } from "../http-events/respond.ts";
import { EVENT_STREAM, toEvents } from "../http-events/sse.ts";
import type { Handler } from "../lambda/loop.ts";
import { StreamReply } from "../lambda/stream-reply.ts";
import { MAX_ANSWER } from "../request/answer-size.ts";
import { BadRequest } from "../request/errors.ts";
import { carriesNoRequest, stayBusy } from "../request/no-request.ts";
import { isS3Event } from "../request/s3-event.ts";
import type { Health } from "./health.ts";
import { type InvocationContext, infer, inferStream, wantsStream } from "./infer.ts";
import type { Models } from "./model-pool.ts";

const HEALTH = /^\/(health|ping)?$/;

/**
 * A path with a model's name, as Hugging Face's clients use it; a request with a file as its body has no other place
 * for it.
 */
const MODEL = /^\/models\/([^/]+)/;

/**
 * The default handler. A direct event gets the task's result, or the error is thrown; an HTTP event gets a reply with a
 * status code in both cases. An event without a request gets the same as a health check.
 */
export function modelHandler(models: Models, health: () => Health): Handler {
  async function toHttp(request: HttpRequest, context: InvocationContext): Promise<unknown> {
    const { method, path, trigger } = request;
    if (method === "GET" || method === "HEAD") {
      if (!HEALTH.test(path))
        throw new BadRequest("path", `nothing at ${path}; POST a request, or GET /`, 404);
      return forTrigger(jsonReply(200, health()), trigger);
    }
    if (method !== "POST")
      throw new BadRequest("method", `${method} is not supported; POST a request, or GET /`, 405);
    const payload = withModel(readBody(request), path);
    if (!wantsStream(payload))
      return forTrigger(jsonReply(200, await infer(models, payload, context)), trigger);
    return streamTo(trigger, EVENT_STREAM, toEvents(inferStream(models, payload, context)));
  }

  return async (event, { deadlineMs, requestId }) => {
    const context = { deadlineMs, requestId, answerLimit: MAX_ANSWER };
    if (isHttpEvent(event)) {
      const request = readHttpEvent(event);
      return replyTo(request.trigger, requestId, () => {
        checkBody(event);
        return toHttp(request, context);
      });
    }
    if (carriesNoRequest(event)) {
      await stayBusy();
      return health();
    }
    const payload = isS3Event(event) ? { inputs: event.Records } : event;
    if (!wantsStream(payload)) return infer(models, payload, context);
    return new StreamReply(EVENT_STREAM, toEvents(inferStream(models, payload, context)));
  };
}

function withModel(payload: unknown, path: string): unknown {
  const name = MODEL.exec(path)?.[1];
  if (name === undefined || typeof payload !== "object" || payload === null) return payload;
  return { ...payload, model: name };
}
