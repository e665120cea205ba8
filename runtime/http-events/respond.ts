import { logError } from "../lambda/log.ts";
import { begun } from "../lambda/stream-reply.ts";
import { MAX_ANSWER } from "../request/answer-size.ts";
import { BadRequest, ResponseTooLarge } from "../request/errors.ts";
import type { HttpTrigger } from "./event.ts";
import { errorReply, forTrigger } from "./reply.ts";
import { httpStream } from "./streaming-prelude.ts";

/** Runs `work` and turns an error into a reply with a status code, as an HTTP caller expects. */
export async function replyTo(
  trigger: HttpTrigger,
  requestId: string,
  work: () => Promise<unknown>,
): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BadRequest)) logError("request failed", error, requestId);
    return forTrigger(errorReply(error, requestId), trigger);
  }
}

/** A reply in pieces: streamed by a Function URL, sent whole by other triggers, which cannot stream. */
export async function streamTo(
  trigger: HttpTrigger,
  contentType: string,
  texts: AsyncIterable<string>,
): Promise<unknown> {
  const head = { statusCode: 200, headers: { "content-type": contentType } };
  if (trigger === "function-url") return httpStream(head, await begun(texts));
  const pieces: string[] = [];
  let length = 0;
  for await (const piece of texts) {
    length += piece.length;
    if (length > MAX_ANSWER) throw new ResponseTooLarge(`more than ${MAX_ANSWER}`);
    pieces.push(piece);
  }
  return forTrigger({ ...head, body: pieces.join("") }, trigger);
}
