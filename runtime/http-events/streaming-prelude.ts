import { StreamReply } from "../lambda/stream-reply.ts";
import type { Reply } from "./reply.ts";

const HTTP_STREAM = "application/vnd.awslambda.http-integration-response";

/**
 * A streamed HTTP reply: status and headers as JSON, eight zero bytes, then the body's pieces.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
 */
export function httpStream(
  { statusCode, headers }: Omit<Reply, "body">,
  pieces: AsyncIterable<string>,
): StreamReply {
  return new StreamReply(
    HTTP_STREAM,
    (async function* () {
      yield `${JSON.stringify({ statusCode, headers })}${"\0".repeat(8)}`;
      yield* pieces;
    })(),
  );
}
