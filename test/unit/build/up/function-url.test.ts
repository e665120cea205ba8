import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { toEvent, toHttpReply } from "../../../../build/up/function-url.ts";
import { readHttpEvent } from "../../../../runtime/http-events/event.ts";

const request = (headers: Record<string, string>, url = "/a?b=c"): IncomingMessage =>
  ({ method: "POST", url, headers }) as unknown as IncomingMessage;

test.each([
  ["application/json", Buffer.from('{"inputs":"ü"}')],
  ["text/plain; charset=utf-8", Buffer.from("ü")],
  ["image/png", Buffer.from([0x89, 0x50, 0, 255])],
])("a body of %s arrives in the runtime as it was sent", (type, body) => {
  const event = toEvent(request({ "content-type": type, "X-Own": "1" }), body);
  const read = readHttpEvent(event as Record<string, unknown>);
  expect(read).toMatchObject({ method: "POST", path: "/a", trigger: "function-url" });
  expect(read.body.equals(body)).toBe(true);
  expect(read.header("content-type")).toBe(type);
});

test("an event has the query, its parameters and the cookies, each only when the request has it", () => {
  const all = toEvent(request({ cookie: "a=1; b=2" }, "/p?x=1&x=2&y=a+%C3%BC?z"), Buffer.alloc(0));
  expect(all).toMatchObject({
    rawPath: "/p",
    rawQueryString: "x=1&x=2&y=a+%C3%BC?z",
    queryStringParameters: { x: "1,2", y: "a ü?z" },
    cookies: ["a=1", "b=2"],
    isBase64Encoded: false,
  });
  const none = toEvent(request({}, "/p"), Buffer.alloc(0));
  expect(none).toMatchObject({ rawPath: "/p", rawQueryString: "" });
  expect(none).not.toHaveProperty("queryStringParameters");
  expect(none).not.toHaveProperty("cookies");
});

const head = '{"statusCode":201,"headers":{"content-type":"text/event-stream"}}';

test.each<[string, string, object]>([
  [
    "a reply",
    '{"statusCode":400,"headers":{"content-type":"application/json"},"body":"{}"}',
    { statusCode: 400, headers: { "content-type": "application/json" }, body: Buffer.from("{}") },
  ],
  [
    "a reply in base64",
    '{"statusCode":200,"headers":{},"body":"AP8=","isBase64Encoded":true}',
    { statusCode: 200, headers: {}, body: Buffer.from([0, 255]) },
  ],
  [
    "a streamed reply",
    `${head}${"\0".repeat(8)}data: 1\n\n`,
    { statusCode: 201, headers: { "content-type": "text/event-stream" }, body: Buffer.from("data: 1\n\n") },
  ],
  [
    "a reply with cookies, and with headers of the connection",
    '{"statusCode":200,"headers":{"Content-Length":"9","transfer-encoding":"x","a":"b"},"cookies":["c=1","d=2"],"body":"x"}',
    { statusCode: 200, headers: { a: "b", "set-cookie": ["c=1", "d=2"] }, body: Buffer.from("x") },
  ],
  [
    "a value that is no HTTP reply",
    "[1,2]",
    { statusCode: 200, headers: { "content-type": "application/json" }, body: Buffer.from("[1,2]") },
  ],
  [
    "null",
    "null",
    { statusCode: 200, headers: { "content-type": "application/json" }, body: Buffer.from("null") },
  ],
  [
    "an error of the function",
    '{"errorType":"Error","errorMessage":"x"}',
    {
      statusCode: 502,
      headers: { "content-type": "application/json" },
      body: Buffer.from('{"errorType":"Error","errorMessage":"x"}'),
    },
  ],
  [
    "what the emulator says in its place",
    "Task timed out after 3.00 seconds",
    {
      statusCode: 502,
      headers: { "content-type": "text/plain" },
      body: Buffer.from("Task timed out after 3.00 seconds"),
    },
  ],
])("%s becomes an HTTP reply", (_, text, reply) => {
  expect(toHttpReply(text)).toEqual(reply);
});

test.each([{ length: 1e9 }, [1, 2], 3])(
  "a reply whose body is %j is refused, not taken for bytes",
  (body) => {
    expect(() => toHttpReply(JSON.stringify({ statusCode: 200, body }))).toThrow("body that is no text");
  },
);

test.each([100, 101, 200.5, 600, -1])(
  "a reply with status %d is refused: a client would wait for another",
  (statusCode) => {
    expect(() => toHttpReply(JSON.stringify({ statusCode }))).toThrow(`has the status ${statusCode}`);
  },
);
