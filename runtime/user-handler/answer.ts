import type { Context, Tools } from "../handler-types/index.d.ts";
import { isGatewayEvent, readHttpEvent } from "../http-events/event.ts";
import { replyTo, streamTo } from "../http-events/respond.ts";
import { EVENT_STREAM, toEvent } from "../http-events/sse.ts";
import type { Handler } from "../lambda/loop.ts";
import type { Invocation } from "../lambda/runtime-api.ts";
import { StreamReply } from "../lambda/stream-reply.ts";
import { beforeDeadline, inTime } from "../request/deadline.ts";
import type { Models } from "../serving/model-pool.ts";
import type { UserHandlerModule } from "./load.ts";
import { pipelineFor } from "./pipeline.ts";

interface HandlerDeps {
  readonly models: Models;
  readonly next: Handler;
}

/**
 * Answers events with the user's handler. A thrown error is the invocation's error. An HTTP caller gets the same reply
 * as from the default handler, since a gateway turns every error of a function into a 502.
 */
export function userHandler({ default: handler }: UserHandlerModule, { models, next }: HandlerDeps): Handler {
  return async (event, invocation) => {
    const trigger = isGatewayEvent(event) ? readHttpEvent(event).trigger : undefined;
    const stop = new AbortController();

    async function* texts(pieces: AsyncIterable<unknown>): AsyncGenerator<string, void> {
      try {
        for await (const piece of inTime(invocation.deadlineMs, pieces)) {
          yield typeof piece === "string" ? piece : toEvent(piece);
        }
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    }
    const tools: Tools = {
      pipeline: pipelineFor(models, invocation),
      next: (other) => next(other, invocation),
      stream: async (pieces, contentType = EVENT_STREAM) =>
        trigger === undefined
          ? new StreamReply(contentType, texts(pieces))
          : streamTo(trigger, contentType, texts(pieces)),
      context: contextOf(invocation, stop.signal),
    };
    async function answer(): Promise<unknown> {
      try {
        return await beforeDeadline(invocation.deadlineMs, async () => handler(event, tools));
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    }
    return trigger === undefined ? answer() : replyTo(trigger, invocation.requestId, answer);
  };
}

function contextOf({ body: _, ...facts }: Invocation, signal: AbortSignal): Context {
  return {
    ...facts,
    getRemainingTimeInMillis: () => Math.max(0, facts.deadlineMs - Date.now()),
    signal,
  };
}
