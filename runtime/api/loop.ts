import { setTimeout as sleep } from "node:timers/promises";
import { BadRequest } from "../errors.ts";
import { logError } from "../log.ts";
import { type Invocation, type RuntimeApi, RuntimeApiError } from "./client.ts";

/** Answers one event; what it throws is reported to Lambda as the invocation's error. */
export type Handler = (event: unknown, invocation: Invocation) => Promise<unknown>;

/** Pauses in milliseconds between attempts to reach a Runtime API that broke the connection. */
const RETRY_PAUSES = [20, 100, 500];

/**
 * Takes events one by one and answers each, until `signal` aborts. An answer that could not be handed in is logged
 * and the loop goes on: that invocation is lost, the environment is not. Rejects only when `next` itself fails, or
 * when the Runtime API says that the environment is lost.
 */
export async function serve(api: RuntimeApi, handler: Handler, signal?: AbortSignal): Promise<void> {
  while (!signal?.aborted) {
    const invocation = await nextEvent(api, signal);
    if (invocation === undefined) return;
    exportTraceId(invocation.traceId);
    await answer(api, handler, invocation);
  }
}

async function nextEvent(api: RuntimeApi, signal?: AbortSignal): Promise<Invocation | undefined> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await api.next(signal);
    } catch (error) {
      if (signal?.aborted) return undefined;
      const pause = RETRY_PAUSES[attempt];
      if (error instanceof RuntimeApiError || pause === undefined) throw error;
      await sleep(pause);
    }
  }
}

/** The X-Ray SDK reads the current trace from this variable; it must not outlive the invocation. */
function exportTraceId(traceId: string | undefined): void {
  if (traceId === undefined) delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = traceId;
}

async function answer(api: RuntimeApi, handler: Handler, invocation: Invocation): Promise<void> {
  const { requestId } = invocation;
  try {
    let json: string;
    try {
      json = JSON.stringify((await handler(parseEvent(invocation.body), invocation)) ?? null);
    } catch (error) {
      if (!(error instanceof BadRequest)) logError("invocation failed", error, requestId);
      await api.fail(requestId, error);
      return;
    }
    await respond(api, requestId, json);
  } catch (error) {
    if (error instanceof RuntimeApiError && error.fatal) throw error;
    logError("the answer could not be handed in", error, requestId);
  }
}

/** A result that is refused becomes the invocation's error, so that the caller learns why. */
async function respond(api: RuntimeApi, requestId: string, json: string): Promise<void> {
  try {
    await api.respond(requestId, json);
  } catch (error) {
    if (!(error instanceof RuntimeApiError) || error.fatal || error.tooLarge) throw error;
    logError("the result was refused", error, requestId);
    await api.fail(requestId, error);
  }
}

function parseEvent(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new BadRequest("event", `not JSON (${error instanceof Error ? error.message : error})`);
  }
}
