import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Handler } from "../../../../runtime/handler-types/index.d.ts";
import type { Invocation } from "../../../../runtime/lambda/runtime-api.ts";
import { StreamReply } from "../../../../runtime/lambda/stream-reply.ts";
import type { Model } from "../../../../runtime/model/model.ts";
import { modelHandler } from "../../../../runtime/serving/handler.ts";
import { taskNamed } from "../../../../runtime/tasks/index.ts";
import { userHandler } from "../../../../runtime/user-handler/answer.ts";
import { tinyGraph } from "../../../support/tiny-model.ts";
import { tinyModels } from "../../../support/tiny-models.ts";

const logged: string[] = [];

beforeEach(() => {
  logged.length = 0;
  vi.spyOn(process.stderr, "write").mockImplementation((line) => logged.push(String(line)) > 0);
});
afterEach(() => vi.restoreAllMocks());

/** The tiny model with a task that counts. */
const counting: Partial<Model> = {
  task: {
    ...taskNamed("feature-extraction"),
    async *stream(_, { inputs }) {
      for (let i = 1; i <= Number(inputs); i++) yield { i };
    },
  },
};

const INVOCATION = {
  functionArn: "arn:f:live",
  traceId: "Root=1",
  clientContext: { app: 1 },
  identity: { id: 2 },
};

/** Has a handler answer one event, with the tiny model behind it. */
function answer<Event>(handler: Handler<Event>, event: unknown, { deadlineMs = Date.now() + 10_000 } = {}) {
  const models = tinyModels(tinyGraph(), counting);
  const next = modelHandler(models, () => ({ status: "ok", models: [] }));
  const invocation: Invocation = { ...INVOCATION, requestId: "r", deadlineMs, body: JSON.stringify(event) };
  return userHandler({ default: handler as Handler }, { models, next })(event, invocation);
}

const post = (body: unknown) => ({
  httpMethod: "POST",
  requestContext: {},
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const functionUrl = { http: { method: "POST" }, domainName: "a.lambda-url.us-east-1.on.aws" };

test("it replaces the default: any event, any reply, the pipeline's result between them", async () => {
  const handler: Handler<{ text: string }> = async ({ text }, { pipeline }) => ({
    size: (await pipeline<number[]>({ inputs: text })).length,
  });
  expect(await answer(handler, { text: "a b" })).toEqual({ size: 2 });
});

test("it wraps the default: of a direct event and of an HTTP event", async () => {
  const handler: Handler = async (event, { next }) => ({ ...((await next(event)) as object), wrapped: true });
  expect(await answer(handler, { inputs: "a b" })).toEqual({ 0: 3.5, 1: 2.5, wrapped: true });
  expect(await answer(handler, post({ inputs: "a b" }))).toMatchObject({
    statusCode: 200,
    body: "[3.5,2.5]",
    wrapped: true,
  });
});

test("it may answer at once, without a promise, and with nothing", async () => {
  expect(await answer(() => 7, {})).toBe(7);
  expect(await answer(() => undefined, {})).toBeUndefined();
});

test("the pipeline takes parameters and the model's name, and refuses what the function would refuse", async () => {
  const ask: Handler<never> = (request, { pipeline }) => pipeline(request);
  expect(await answer(ask, { inputs: ["a b"], parameters: { normalize: false }, model: "tiny" })).toEqual([
    [3.5, 2.5],
  ]);
  await expect(answer(ask, { inputs: "a", model: "tinny" })).rejects.toMatchObject({
    name: "BadRequest",
    field: "model",
  });
});

test("the context is what Lambda says of the invocation", async () => {
  const deadlineMs = Date.now() + 5_000;
  const context = await answer((_, tools) => tools.context, {}, { deadlineMs });
  expect(context).toMatchObject({ ...INVOCATION, requestId: "r", deadlineMs });
  expect(context).not.toHaveProperty("body");
  const { getRemainingTimeInMillis, signal } = context as Parameters<Handler>[1]["context"];
  expect(getRemainingTimeInMillis()).toBeGreaterThan(4_000);
  expect(getRemainingTimeInMillis()).toBeLessThanOrEqual(5_000);
  expect(signal.aborted).toBe(false);
});

test("what it throws is the invocation's error, whether it is a promise or not", async () => {
  const thrown = new RangeError("too few");
  const throwing: Handler = () => {
    throw thrown;
  };
  await expect(answer(throwing, { inputs: "a" })).rejects.toBe(thrown);
  await expect(answer(async () => Promise.reject(thrown), { body: "not surely HTTP" })).rejects.toBe(thrown);
});

test("an HTTP caller gets a reply for it: a mistake in full, a failure without internals, which are logged", async () => {
  const ask: Handler<{ body: string }> = ({ body }, { pipeline }) => pipeline(JSON.parse(body));
  expect(await answer(ask, post({ inputs: [] }))).toMatchObject({
    statusCode: 400,
    body: '{"error":"inputs: the list is empty","field":"inputs"}',
  });
  expect(logged).toEqual([]);
  expect(await answer(ask, post("{"))).toMatchObject({
    statusCode: 500,
    body: '{"error":"internal error","requestId":"r"}',
  });
  expect(JSON.parse(logged.join(""))).toMatchObject({ errorType: "SyntaxError", requestId: "r" });
  const missing: Handler = async () => {
    throw Object.assign(new Error("no such parcel"), { status: 404 });
  };
  expect(await answer(missing, post(""))).toMatchObject({
    statusCode: 404,
    body: '{"error":"no such parcel","requestId":"r"}',
  });
});

test("when the time is up it is not waited for, its signal is aborted, and an HTTP caller gets a 504", async () => {
  const signals: AbortSignal[] = [];
  const hanging: Handler = (_, { context }) => {
    signals.push(context.signal);
    return new Promise(() => {});
  };
  const soon = () => ({ deadlineMs: Date.now() + 150 });
  await expect(answer(hanging, {}, soon())).rejects.toMatchObject({ name: "Runtime.DeadlineExceeded" });
  expect(await answer(hanging, post("a"), soon())).toMatchObject({ statusCode: 504 });
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  expect(signals[0]?.reason).toMatchObject({ name: "Runtime.DeadlineExceeded" });
});

async function textOf(reply: unknown): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of (reply as StreamReply).pieces) pieces.push(String(piece));
  return pieces.join("");
}

test("a streamed reply: texts as they are, other values as events; by a direct call, a Function URL, or whole", async () => {
  async function* shown(pieces: AsyncIterable<{ i: number }>) {
    for await (const { i } of pieces) yield i === 1 ? "one " : { i };
  }
  const handler: Handler = (_, { pipeline, stream }) =>
    stream(shown(pipeline.stream({ inputs: "2" })), "text/plain");
  const direct = await answer(handler, {});
  expect(direct).toBeInstanceOf(StreamReply);
  expect(direct).toMatchObject({ contentType: "text/plain" });
  expect(await textOf(direct)).toBe('one data:{"i":2}\n\n');
  expect(await textOf(await answer(handler, { requestContext: functionUrl }))).toBe(
    `{"statusCode":200,"headers":{"content-type":"text/plain"}}${"\0".repeat(8)}one data:{"i":2}\n\n`,
  );
  expect(await answer(handler, post(""))).toMatchObject({
    statusCode: 200,
    headers: { "content-type": "text/plain" },
    body: 'one data:{"i":2}\n\n',
  });
});

test("a stream of the default handling is handed on", async () => {
  const direct = await answer((event, { next }) => next(event), { inputs: "1", stream: true });
  expect(direct).toMatchObject({ contentType: "text/event-stream" });
  expect(await textOf(direct)).toBe('data:{"i":1}\n\n');
});

test("a stream that stalls ends before the deadline", async () => {
  async function* stalling() {
    yield "a";
    await new Promise(() => {});
  }
  let signal: AbortSignal | undefined;
  const handler: Handler = (_, { stream, context }) => {
    signal = context.signal;
    return stream(stalling());
  };
  const reply = await answer(handler, {}, { deadlineMs: Date.now() + 250 });
  await expect(textOf(reply)).rejects.toMatchObject({ name: "Runtime.DeadlineExceeded" });
  expect(signal?.aborted).toBe(true);
});

test("what it says of an error, and what it streams to a caller without streams, has an end", async () => {
  const message = "x".repeat(10_000_000);
  const refusing: Handler = () => {
    throw Object.assign(new Error(message), { status: 422 });
  };
  const { statusCode, body } = (await answer(refusing, post({}))) as { statusCode: number; body: string };
  expect(statusCode).toBe(422);
  expect(body.length).toBeLessThan(10_000);
  let made = 0;
  const endless: Handler = (_, { stream }) =>
    stream(
      (async function* () {
        for (;;) yield message.slice(0, ++made && 1_000_000);
      })(),
    );
  expect(await answer(endless, post({}))).toMatchObject({ statusCode: 413 });
  expect(made).toBeLessThan(10);
});
