import { setTimeout as sleep } from "node:timers/promises";
import { memoryReturn } from "../environment/garbage.ts";
import { MAX_ANSWER } from "../request/answer-size.ts";
import { AnswerNotJson, BadRequest, ResponseTooLarge } from "../request/errors.ts";
import { parseJson } from "../request/json.ts";
import { logError } from "./log.ts";
import { type Invocation, type RuntimeApi, RuntimeApiError } from "./runtime-api.ts";
import { begun, StreamReply } from "./stream-reply.ts";

/** Answers one event, with a value or a StreamReply. A thrown error is reported to Lambda as the invocation's error. */
export type Handler = (event: unknown, invocation: Invocation) => Promise<unknown>;

/** Pauses in milliseconds before new attempts, when the connection to the Runtime API breaks. */
const RETRY_PAUSES = [20, 100, 500];

/**
 * Receives and answers events until `signal` aborts. If an answer cannot be sent, this is logged and the loop
 * continues: that invocation is lost, the environment is not. Rejects only when `next` fails, or when the Runtime API
 * reports that the environment is lost.
 * @param slots number of events that are handled concurrently (AWS_LAMBDA_MAX_CONCURRENCY)
 */
export async function serve(
  api: RuntimeApi,
  handler: Handler,
  { signal, slots = 1 }: { readonly signal?: AbortSignal; readonly slots?: number } = {},
): Promise<void> {
  const returnMemory = memoryReturn();
  let inWork = 0;
  /** A separate function, so that nothing holds the event when memory is returned. */
  async function serveEvent(): Promise<boolean> {
    const invocation = await nextEvent(api, signal);
    if (invocation === undefined) return false;
    inWork++;
    if (slots === 1) exportTraceId(invocation.traceId);
    await answer(api, handler, invocation);
    inWork--;
    return true;
  }
  async function serveSlot(): Promise<void> {
    while (!signal?.aborted && (await serveEvent())) {
      if (inWork === 0) await returnMemory();
    }
  }
  await Promise.all(Array.from({ length: slots }, serveSlot));
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
    let reply: string | StreamReply;
    try {
      reply = await toReply(await handler(parseJson(invocation.body, "event"), invocation));
    } catch (error) {
      if (!(error instanceof BadRequest)) logError("invocation failed", error, requestId);
      await api.fail(requestId, error);
      return;
    }
    await respond(api, requestId, reply);
  } catch (error) {
    if (error instanceof RuntimeApiError && error.fatal) throw error;
    logError("the answer could not be sent", error, requestId);
  }
}

async function toReply(result: unknown): Promise<string | StreamReply> {
  if (result instanceof StreamReply) return new StreamReply(result.contentType, await begun(result.pieces));
  const json = toJson(result);
  if (json.length > MAX_ANSWER / 3 && Buffer.byteLength(json) > MAX_ANSWER) {
    throw new ResponseTooLarge(Buffer.byteLength(json));
  }
  return json;
}

function toJson(result: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(result ?? null);
  } catch (error) {
    throw new AnswerNotJson(error instanceof Error ? error.message : String(error));
  }
  if (json === undefined) throw new AnswerNotJson(`it is a ${typeof result}`);
  return json;
}

/** If the Runtime API refuses the result, this becomes the invocation's error, so that the caller sees the reason. */
async function respond(api: RuntimeApi, requestId: string, reply: string | StreamReply): Promise<void> {
  try {
    if (typeof reply === "string") await api.respond(requestId, reply);
    else await api.respondStream(requestId, logged(reply.pieces, requestId), reply.contentType);
  } catch (error) {
    if (!(error instanceof RuntimeApiError) || error.fatal || error.tooLarge) throw error;
    logError("the result was refused", error, requestId);
    await api.fail(requestId, error);
  }
}

/** Passes the pieces through and logs an error, which is sent only in trailers that few clients read. */
async function* logged<T>(pieces: AsyncIterable<T>, requestId: string): AsyncGenerator<T, void> {
  try {
    yield* pieces;
  } catch (error) {
    logError("the answer broke off", error, requestId);
    throw error;
  }
}
