import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { functionError } from "../smoke/function-error.ts";
import { headOf, splitReply } from "../smoke/streamed-reply.ts";

/** Content types whose bodies a Function URL hands over as they are; any other body comes in base64. */
const TEXT = /^(text\/|application\/(json|xml|javascript|x-www-form-urlencoded))/;

const HOST = "mkimage.lambda-url.us-east-1.on.aws";

/** The parameters of a query; several values of one name are joined with commas. */
function parametersOf(query: string): Record<string, string> {
  const parameters = new URLSearchParams(query);
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(",")]),
  );
}

/** The event of a Function URL (payload 2.0): https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
export function toEvent(
  { method = "GET", url = "/", headers }: Pick<IncomingMessage, "method" | "url" | "headers">,
  body: Buffer,
): object {
  const [path = ""] = url.split("?", 1);
  const query = url.slice(path.length + 1);
  const cookies = headers.cookie?.split(/; */);
  const isText = TEXT.test(headers["content-type"] ?? "");
  const now = new Date();
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    ...(cookies && { cookies }),
    headers: { ...headers, host: HOST },
    ...(query && { queryStringParameters: parametersOf(query) }),
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
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** What an HTTP client gets. */
export interface HttpReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

interface FunctionReply {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>> | null;
  readonly cookies?: readonly string[] | null;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** Headers of the connection, which a Function URL sets itself whatever the function says. */
const OF_CONNECTION = /^(?:connection|content-length|keep-alive|transfer-encoding|upgrade)$/i;

function headersOf({ headers = JSON_TYPE, cookies }: FunctionReply): HttpReply["headers"] {
  const own = Object.entries(headers ?? {}).filter(([name]) => !OF_CONNECTION.test(name));
  return { ...Object.fromEntries(own), ...(cookies?.length && { "set-cookie": cookies }) };
}

/** Whether a status is one that ends a request: after one of 100 to 199, a client waits for another. */
const isFinal = (status: number): boolean => Number.isInteger(status) && status >= 200 && status <= 599;

const JSON_TYPE = { "content-type": "application/json" };

/**
 * The reply of a function as a Function URL passes it on: whole, streamed, or a value that is no HTTP reply, which becomes
 * the body. The error of a function, and the emulator's word about a timeout, are answered with status 502.
 * @throws Error for a reply of the wrong shape
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
  const { statusCode, body = streamed, isBase64Encoded } = reply;
  if (!isFinal(statusCode))
    throw new Error(`The function's reply has the status ${statusCode}, which is not from 200 to 599`);
  if (typeof body !== "string") throw new Error("The function's reply has a body that is no text");
  return {
    statusCode,
    headers: headersOf(reply),
    body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
  };
}
