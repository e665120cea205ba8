import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { functionError } from "../smoke/function-error.ts";
import { headOf, splitReply } from "../smoke/streamed-reply.ts";

/** Content types whose bodies a Function URL hands over as they are; any other body comes in base64. */
const TEXT = /^(text\/|application\/(json|xml|javascript|x-www-form-urlencoded))/;

const HOST = "mkimage.lambda-url.us-east-1.on.aws";

/** The event of a Function URL (payload 2.0): https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
export function toEvent(
  { method = "GET", url = "/", headers }: Pick<IncomingMessage, "method" | "url" | "headers">,
  body: Buffer,
): object {
  const [path, query = ""] = url.split("?") as [string, string?];
  const isText = TEXT.test(headers["content-type"] ?? "");
  const now = new Date();
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers: { ...headers, host: HOST },
    requestContext: {
      accountId: "anonymous",
      apiId: "mkimage",
      domainName: HOST,
      domainPrefix: "mkimage",
      http: {
        method,
        path,
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: "$default",
      stage: "$default",
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 ? { body: body.toString(isText ? "utf8" : "base64") } : {}),
    isBase64Encoded: !isText,
  };
}

/** What an HTTP client gets. */
export interface HttpReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface FunctionReply {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

const JSON_TYPE = { "content-type": "application/json" };

/**
 * The reply of a function as a Function URL passes it on: whole, streamed, or a value that is no HTTP reply, which becomes
 * the body. The error of a function, and the emulator's word about a timeout, are answered with status 502.
 */
export function toHttpReply(text: string): HttpReply {
  const failed = functionError(text) !== undefined;
  const value = headOf(text);
  if (value === undefined) {
    const [statusCode, type] = failed ? [502, "text/plain"] : [200, "application/octet-stream"];
    return { statusCode, headers: { "content-type": type }, body: Buffer.from(text) };
  }
  const reply = value as FunctionReply | null;
  if (typeof reply?.statusCode !== "number")
    return { statusCode: failed ? 502 : 200, headers: JSON_TYPE, body: Buffer.from(text) };
  const { streamed = "" } = splitReply(text);
  const { statusCode, headers = JSON_TYPE, body = streamed, isBase64Encoded } = reply;
  if (typeof body !== "string") throw new Error("The function's reply has a body that is no text");
  return { statusCode, headers, body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8") };
}
