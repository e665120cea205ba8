import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** Sends one event to a function, and returns the text that it answers with. */
type Invoke = (event: string) => Promise<string>;

/** Content types whose bodies a Function URL hands over as they are; any other body comes in base64. */
const TEXT = /^(text\/|application\/(json|xml|javascript))/;

const HOST = "abc.lambda-url.us-east-1.on.aws";

/** The event of a Function URL (payload 2.0): https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
async function toEvent(request: IncomingMessage): Promise<object> {
  const body = await buffer(request);
  const [path, query = ""] = (request.url ?? "/").split("?") as [string, string?];
  const isText = TEXT.test(request.headers["content-type"] ?? "");
  const http = {
    method: request.method,
    path,
    protocol: "HTTP/1.1",
    sourceIp: "203.0.113.5",
    userAgent: "test",
  };
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers: { ...request.headers, host: HOST },
    requestContext: {
      accountId: "anonymous",
      apiId: "abc",
      domainName: HOST,
      domainPrefix: "abc",
      http,
      requestId: "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
      routeKey: "$default",
      stage: "$default",
      time: "12/Mar/2026:19:03:58 +0000",
      timeEpoch: 1773342238000,
    },
    ...(body.length > 0 ? { body: body.toString(isText ? "utf8" : "base64") } : {}),
    isBase64Encoded: !isText,
  };
}

interface Reply {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A reply whole, or one that was streamed: status and headers, eight zero bytes, and the body. */
function readReply(text: string): Reply {
  const at = text.indexOf("\0".repeat(8));
  return at < 0 ? JSON.parse(text) : { ...JSON.parse(text.slice(0, at)), body: text.slice(at + 8) };
}

/** What AWS puts before a function, for a while: an address that answers HTTP with a function. */
export async function withFunctionUrl<T>(invoke: Invoke, use: (url: string) => Promise<T>): Promise<T> {
  // The emulator takes one call at a time.
  let turn: Promise<unknown> = Promise.resolve();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const event = JSON.stringify(await toEvent(request));
    const own = turn.then(() => invoke(event));
    turn = own.catch(() => {});
    const { statusCode, headers = {}, body = "" } = readReply(await own);
    response.writeHead(statusCode, headers).end(body);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(502).end(String(error)));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
