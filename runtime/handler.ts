import type { Handler } from "./api/loop.ts";
import { beforeDeadline } from "./deadline.ts";
import { BadRequest } from "./errors.ts";
import { httpError, httpReply, isHttpEvent, readBody } from "./http-event.ts";
import { logError } from "./log.ts";
import type { Models } from "./models.ts";
import { readRequest } from "./request.ts";
import { newWork } from "./work.ts";

/**
 * Answers events with models. A direct event gets the task's result, or a thrown error; an HTTP event gets a reply
 * with a status code for both.
 */
export function modelHandler(models: Models): Handler {
  async function infer(payload: unknown, deadlineMs: number): Promise<unknown> {
    const request = readRequest(payload);
    return beforeDeadline(deadlineMs, async (checkTime) => {
      const model = await models.get(request.model);
      return model.task.run(model, request, newWork(checkTime));
    });
  }
  return async (event, { deadlineMs, requestId }) => {
    if (!isHttpEvent(event)) return infer(event, deadlineMs);
    try {
      return httpReply(200, await infer(readBody(event), deadlineMs));
    } catch (error) {
      if (!(error instanceof BadRequest)) logError("request failed", error, requestId);
      return httpError(error, requestId);
    }
  };
}
