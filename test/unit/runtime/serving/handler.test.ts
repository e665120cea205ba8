import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { StreamReply } from "../../../../runtime/lambda/stream-reply.ts";
import type { Model } from "../../../../runtime/model/model.ts";
import type { Graph } from "../../../../runtime/onnx/graph.ts";
import { modelHandler } from "../../../../runtime/serving/handler.ts";
import { taskNamed } from "../../../../runtime/tasks/index.ts";
import { tinyGraph } from "../../../support/tiny-model.ts";
import { tinyModels } from "../../../support/tiny-models.ts";

const logged: string[] = [];

beforeEach(() => {
  logged.length = 0;
  vi.spyOn(process.stderr, "write").mockImplementation((line) => logged.push(String(line)) > 0);
});
afterEach(() => vi.restoreAllMocks());

interface Options {
  readonly graph?: Graph;
  readonly deadlineMs?: number;
  readonly changes?: Partial<Model>;
}

/** Has the tiny model answer one event. */
function answer(
  event: unknown,
  { graph = tinyGraph(), deadlineMs, changes }: Options = {},
): Promise<unknown> {
  const models = tinyModels(graph, changes);
  return modelHandler(models, () => ({ status: "ok", models: [] }))(event, {
    requestId: "r",
    deadlineMs: deadlineMs ?? Date.now() + 10_000,
    functionArn: "",
    body: "",
    traceId: undefined,
    clientContext: undefined,
    identity: undefined,
  });
}

const body = '{"inputs":"a b"}';

test("a direct event gets the result alone", async () => {
  expect(await answer({ inputs: "a b" })).toEqual([3.5, 2.5]);
  expect(await answer({ inputs: "a b", model: "tiny" })).toEqual([3.5, 2.5]);
});

test.each([
  { source: "serverless-plugin-warmup" },
  { warmer: true, concurrency: 3 },
  { source: "aws.events", "detail-type": "Scheduled Event", detail: {} },
])("an event that carries no request gets what a health check does: %j", async (event) => {
  const start = performance.now();
  expect(await answer(event)).toEqual({ status: "ok", models: [] });
  // Long enough for the next of several to be given to another environment.
  expect(performance.now() - start).toBeGreaterThan(50);
  expect(logged).toEqual([]);
});

test("an S3 event is for models that read images", async () => {
  const Records = [{ eventSource: "aws:s3", s3: { bucket: { name: "b" }, object: { key: "a" } } }];
  await expect(answer({ Records })).rejects.toThrow("inputs[0]: expected a text");
});

test("a compressed body is unpacked; an unknown coding is told what is taken", async () => {
  const send = (coding: string, bytes: Buffer) =>
    answer({
      requestContext: { http: {} },
      headers: { "Content-Encoding": coding },
      body: bytes.toString("base64"),
      isBase64Encoded: true,
    });
  expect(await send("gzip", gzipSync(body))).toMatchObject({ statusCode: 200, body: "[3.5,2.5]" });
  expect(await send("gzip", gzipSync(Buffer.alloc(7_000_000)))).toMatchObject({ statusCode: 413 });
  expect(await send("compress", Buffer.from(body))).toMatchObject({
    statusCode: 415,
    headers: { "accept-encoding": "gzip, deflate, br, zstd" },
  });
  // A gateway that hands the body over as text has unpacked it, and may have left the header.
  const headers = { "content-encoding": "gzip" };
  expect(await answer({ requestContext: { http: {} }, headers, body })).toMatchObject({ statusCode: 200 });
});

test.each([
  { from: "HTTP API", event: { version: "2.0", requestContext: { http: {} }, body } },
  { from: "REST API", event: { httpMethod: "POST", requestContext: {}, body, isBase64Encoded: false } },
  {
    from: "base64",
    event: { requestContext: {}, body: Buffer.from(body).toString("base64"), isBase64Encoded: true },
  },
])("$from gets a reply", async ({ event }) => {
  const headers = { "content-type": "application/json" };
  expect(await answer(event)).toMatchObject({ statusCode: 200, headers, body: "[3.5,2.5]" });
});

test.each([
  { event: { body: { inputs: "a b" } }, field: "body", error: "body: expected string, received object" },
  {
    event: { body: Buffer.from(body).toString("base64"), isBase64Encoded: "true" },
    field: "isBase64Encoded",
    error: "isBase64Encoded: expected boolean, received string",
  },
])(
  "an event that no trigger sends is told what is wrong with it: $field",
  async ({ event, field, error }) => {
    const reply = (await answer({ requestContext: { http: {} }, ...event })) as { body: string };
    expect(reply).toMatchObject({ statusCode: 400 });
    expect(JSON.parse(reply.body)).toEqual({ field, error: expect.stringContaining(error) });
  },
);

test("GET tells that all is well; other paths and methods are refused", async () => {
  const get = (path: string, httpMethod = "GET") => answer({ httpMethod, path, requestContext: {} });
  expect(await get("/")).toMatchObject({ statusCode: 200, body: '{"status":"ok","models":[]}' });
  expect(await get("/health")).toMatchObject({ statusCode: 200 });
  expect(await get("/favicon.ico")).toMatchObject({ statusCode: 404 });
  expect(await get("/", "DELETE")).toMatchObject({ statusCode: 405, headers: { allow: "GET, HEAD, POST" } });
});

test("a path may name the model, as the URL of Hugging Face's clients does; a chat's placeholder does not", async () => {
  const post = (path: string, body: object) =>
    answer({ httpMethod: "POST", path, requestContext: {}, body: JSON.stringify(body) });
  expect(await post("/models/tiny", { inputs: "a b" })).toMatchObject({ statusCode: 200 });
  expect(await post("/models/other", { inputs: "a b" })).toMatchObject({ statusCode: 400 });
  const chat = { messages: [{ role: "user", content: "a" }], model: "dummy" };
  expect(await post("/models/tiny/v1/chat/completions", chat)).toMatchObject({
    statusCode: 400,
    body: '{"error":"messages: feature-extraction does not support chats; send inputs","field":"messages"}',
  });
});

test("server facts are refused, unless the function is configured to give them", async () => {
  const request = { inputs: "a b", parameters: { server: true } };
  await expect(answer(request)).rejects.toMatchObject({ name: "BadRequest", status: 403 });
  await expect(answer({ inputs: "a b", server: true })).rejects.toMatchObject({ field: "server" });
  expect(await answer({ body: JSON.stringify(request) })).toMatchObject({ statusCode: 403 });
});

test("server facts on request, beside the output", async () => {
  vi.stubEnv("MKIMAGE_ALLOW_SERVER_FACTS", "true");
  const reply = await answer({ inputs: "a b", parameters: { server: true } });
  expect(reply).toMatchObject({
    output: [3.5, 2.5],
    server: {
      cores: expect.any(Number),
      architecture: expect.stringMatching(/x86_64|arm64/),
      os: expect.any(String),
      model: "tiny",
      timings: { tokenization: expect.any(Number), inference: expect.any(Number), total: expect.any(Number) },
    },
  });
});

test("a direct caller's mistake is thrown, an HTTP caller's is a 400; neither is logged", async () => {
  await expect(answer({ inputs: [] })).rejects.toMatchObject({ name: "BadRequest", field: "inputs" });
  expect(await answer({ body: '{"inputs":[]}' })).toMatchObject({
    statusCode: 400,
    body: '{"error":"inputs: the list is empty","field":"inputs"}',
  });
  expect(await answer({ body: '{"inputs":"a","model":"tinny"}' })).toMatchObject({
    statusCode: 400,
    body: '{"error":"model: no model \\"tinny\\"; did you mean tiny? (tiny)","field":"model"}',
  });
  expect(logged).toEqual([]);
});

test("our own failure is thrown, or a 500 that tells nothing; the log tells all", async () => {
  const graph = { ...tinyGraph(), run: () => Promise.reject(new Error("bad tensor")) };
  await expect(answer({ inputs: "a" }, { graph })).rejects.toThrow("bad tensor");
  expect(await answer({ body }, { graph })).toMatchObject({
    statusCode: 500,
    body: '{"error":"internal error","requestId":"r"}',
  });
  expect(logged.join("")).toContain("bad tensor");
});

test("no time left is thrown, or a 504", async () => {
  const graph = { ...tinyGraph(), run: () => new Promise<never>(() => {}) };
  const soon = () => ({ graph, deadlineMs: Date.now() + 150 });
  await expect(answer({ inputs: "a" }, soon())).rejects.toMatchObject({ name: "Runtime.DeadlineExceeded" });
  expect(await answer({ body }, soon())).toMatchObject({ statusCode: 504 });
});

/** The tiny model with a task that counts. */
const counting: Partial<Model> = {
  task: {
    ...taskNamed("feature-extraction"),
    async *stream(_, { inputs }) {
      for (let i = 1; i <= Number(inputs); i++) yield { i };
      if (inputs === "0") throw new Error("nothing to count");
    },
  },
};

async function textOf(reply: unknown): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of (reply as StreamReply).pieces) pieces.push(String(piece));
  return pieces.join("");
}

test("a streamed answer: server-sent events", async () => {
  const direct = await answer({ inputs: "2", stream: true }, { changes: counting });
  expect(direct).toMatchObject({ contentType: "text/event-stream" });
  expect(await textOf(direct)).toBe('data:{"i":1}\n\ndata:{"i":2}\n\n');
});

test("a Function URL streams, with status and headers first; others get it whole", async () => {
  const body = '{"inputs":"1","stream":true}';
  const requestContext = { http: { method: "POST" }, domainName: "a.lambda-url.us-east-1.on.aws" };
  const url = await answer({ requestContext, body }, { changes: counting });
  expect(url).toMatchObject({ contentType: "application/vnd.awslambda.http-integration-response" });
  expect(await textOf(url)).toBe(
    `{"statusCode":200,"headers":{"content-type":"text/event-stream"}}${"\0".repeat(8)}data:{"i":1}\n\n`,
  );
  expect(await answer({ requestContext: {}, httpMethod: "POST", body }, { changes: counting })).toMatchObject(
    {
      headers: { "content-type": "text/event-stream" },
      body: 'data:{"i":1}\n\n',
    },
  );
});

test("a stream that fails at once has a status of its own", async () => {
  const requestContext = { http: { method: "POST" }, domainName: "a.lambda-url.us-east-1.on.aws" };
  const event = (inputs: string) => ({ requestContext, body: JSON.stringify({ inputs, stream: true }) });
  expect(await answer(event("0"), { changes: counting })).toMatchObject({ statusCode: 500 });
  expect(await answer(event("0"))).toMatchObject({
    statusCode: 400,
    body: '{"error":"stream: feature-extraction cannot stream its answer","field":"stream"}',
  });
});
