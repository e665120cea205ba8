import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { httpSender } from "../../../../runtime/lambda/connection.ts";
import { type Handler, serve } from "../../../../runtime/lambda/loop.ts";
import { runtimeApi } from "../../../../runtime/lambda/runtime-api.ts";
import { StreamReply } from "../../../../runtime/lambda/stream-reply.ts";
import { type FakeEvent, fakeRuntimeApi } from "./fake-runtime-api.ts";

let logged: { message: string; errorType: string; requestId?: string }[];

beforeEach(() => {
  logged = [];
  vi.spyOn(process.stderr, "write").mockImplementation((line) => logged.push(JSON.parse(String(line))) > 0);
});
afterEach(() => vi.restoreAllMocks());

/** Serves `events` with `handler` to the end and gives what was posted. */
async function answers(events: FakeEvent[], handler: Handler, status?: (path: string) => number) {
  await using server = await fakeRuntimeApi(events, status);
  const stop = new AbortController();
  const served = serve(runtimeApi(httpSender(server.host)), handler, { signal: stop.signal });
  await Promise.race([server.idle, served]);
  stop.abort();
  await served;
  return server.posted;
}

test("each event is answered, in order, with what the handler gives", async () => {
  const posted = await answers([{ body: "1" }, { body: "2" }], async (event) => ({ got: event }));
  expect(posted.map(({ path, json }) => [path, json])).toEqual([
    ["invocation/request-1/response", { got: 1 }],
    ["invocation/request-2/response", { got: 2 }],
  ]);
  expect(logged).toEqual([]);
});

test("a byte order mark before an event is no part of it", async () => {
  const posted = await answers([{ body: '\ufeff{"inputs":"\ufeffa"}' }], async (event) => event);
  expect(posted).toMatchObject([{ json: { inputs: "\ufeffa" } }]);
});

test("a handler that gives nothing answers null", async () => {
  expect(await answers([{ body: "1" }], async () => undefined)).toMatchObject([{ json: null }]);
});

test("what the handler throws is the invocation's error, is logged, and the next event is answered", async () => {
  const posted = await answers([{ body: "1" }, { body: "2" }], async (event) => {
    if (event === 1) throw new RangeError("one is too few");
    return "fine";
  });
  expect(posted).toMatchObject([
    { path: "invocation/request-1/error", json: { errorType: "RangeError", errorMessage: "one is too few" } },
    { path: "invocation/request-2/response", json: "fine" },
  ]);
  expect(logged).toMatchObject([
    { requestId: "request-1", errorType: "RangeError", message: "invocation failed" },
  ]);
});

test.each([
  { result: 1n, why: "BigInt" },
  { result: () => 1, why: "it is a function" },
  { result: Symbol("s"), why: "it is a symbol" },
])("a result that is no JSON is the invocation's error: $why", async ({ result, why }) => {
  const posted = await answers([{ body: "1" }], async () => result);
  const failure = { errorType: "Runtime.JSONStringifyError", errorMessage: expect.stringContaining(why) };
  expect(posted).toMatchObject([{ path: "invocation/request-1/error", json: failure }]);
});

test("something thrown that cannot even be told does not end the loop", async () => {
  const posted = await answers([{ body: "1" }, { body: "2" }], async (event) => {
    if (event === 1) throw Object.create(null);
    return "fine";
  });
  expect(posted).toMatchObject([{ path: "invocation/request-1/error" }, { json: "fine" }]);
});

test.each(["", "{", "inputs=1", "\u0000"])(
  "an event that is not JSON (%j) is the caller's mistake",
  async (body) => {
    const posted = await answers([{ body }, { body: "2" }], async () => "fine");
    expect(posted).toMatchObject([
      { json: { errorType: "BadRequest", errorMessage: expect.stringContaining("event: not JSON") } },
      { json: "fine" },
    ]);
    expect(logged).toEqual([]);
  },
);

test("the trace id is in the environment for the invocation that has one, and for no other", async () => {
  const seen: unknown[] = [];
  await answers(
    [{ body: "1", headers: { "Lambda-Runtime-Trace-Id": "Root=1" } }, { body: "2" }],
    async () => void seen.push(process.env._X_AMZN_TRACE_ID),
  );
  expect(seen).toEqual(["Root=1", undefined]);
});

test("a result that is refused becomes the invocation's error", async () => {
  const posted = await answers(
    [{ body: "1" }],
    async () => "x",
    (path) => (path.endsWith("response") ? 400 : 202),
  );
  expect(posted.map(({ path }) => path)).toEqual([
    "invocation/request-1/response",
    "invocation/request-1/error",
  ]);
});

test("a result that is too large was told to the caller by Lambda: the loop goes on", async () => {
  const posted = await answers(
    [{ body: "1" }, { body: "2" }],
    async () => "x",
    (path) => (path.includes("request-1") ? 413 : 202),
  );
  expect(posted.map(({ path }) => path)).toEqual([
    "invocation/request-1/response",
    "invocation/request-2/response",
  ]);
  expect(logged).toMatchObject([{ requestId: "request-1", errorType: "Runtime.ApiError" }]);
});

test("an error that cannot be handed in does not end the loop", async () => {
  const fail: Handler = async () => {
    throw new Error("no");
  };
  const posted = await answers([{ body: "1" }, { body: "2" }], fail, () => 403);
  expect(posted).toHaveLength(2);
});

test("a lost environment (500) ends the loop", async () => {
  await expect(
    answers(
      [{ body: "1" }],
      async () => "x",
      () => 500,
    ),
  ).rejects.toThrow("answered invocation/request-1");
});

test("a broken connection is tried again; nobody there at last ends the loop", async () => {
  let calls = 0;
  const send = () => Promise.reject(new Error(`ECONNRESET ${++calls}`));
  await expect(serve(runtimeApi(send), async () => "x")).rejects.toThrow("ECONNRESET 4");
});

test("the event in hand is answered before the loop ends", async () => {
  await using server = await fakeRuntimeApi([{ body: "1" }, { body: "2" }]);
  const stop = new AbortController();
  await serve(runtimeApi(httpSender(server.host)), async () => stop.abort(), { signal: stop.signal });
  expect(server.posted).toMatchObject([{ path: "invocation/request-1/response" }]);
});

test("a stream is handed in piece by piece; what breaks it off is told in trailers and logged", async () => {
  const posted = await answers([{ body: "2" }, { body: "3" }], async (count) => {
    const pieces = (async function* () {
      for (let i = 0; i < Number(count); i++) {
        if (i === 2) throw new RangeError("enough");
        yield `${i};`;
      }
    })();
    return new StreamReply("text/plain", pieces);
  });
  const headers = { "content-type": "text/plain", "lambda-runtime-function-response-mode": "streaming" };
  expect(posted).toMatchObject([
    { path: "invocation/request-1/response", text: "0;1;", headers, trailers: {} },
    {
      text: "0;1;",
      headers,
      trailers: {
        "lambda-runtime-function-error-type": "RangeError",
        "lambda-runtime-function-error-body": expect.any(String),
      },
    },
  ]);
  const error = posted[1]?.trailers["lambda-runtime-function-error-body"] ?? "";
  expect(JSON.parse(Buffer.from(error, "base64").toString())).toMatchObject({ errorMessage: "enough" });
  expect(logged).toMatchObject([{ requestId: "request-2", errorType: "RangeError" }]);
});

test("a stream that fails before its first piece is the invocation's error", async () => {
  const posted = await answers([{ body: "1" }], async () => {
    const pieces = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new RangeError("no")) }) };
    return new StreamReply("text/plain", pieces);
  });
  expect(posted).toMatchObject([{ path: "invocation/request-1/error", json: { errorType: "RangeError" } }]);
});

test("an answer above 6 MB is the invocation's error, with a hint", async () => {
  const posted = await answers([{ body: "1" }], async () => "é".repeat(3.2 * 1024 * 1024));
  expect(posted).toMatchObject([
    { json: { errorType: "Function.ResponseSizeTooLarge", errorMessage: expect.stringContaining("6 MB") } },
  ]);
});

test("payloads of 6 MB go both ways", async () => {
  const text = "x".repeat(6 * 1024 * 1024 - 100);
  const posted = await answers([{ body: JSON.stringify(text) }], async (event) => event);
  expect(posted).toMatchObject([{ path: "invocation/request-1/response", json: text }]);
});

test("several events at once when there are slots, and no trace id in the environment then", async () => {
  await using server = await fakeRuntimeApi(
    [1, 2, 3].map((i) => ({ body: `${i}`, headers: { "Lambda-Runtime-Trace-Id": "Root=1" } })),
  );
  const stop = new AbortController();
  const all = Promise.withResolvers<void>();
  let atOnce = 0;
  const served = serve(
    runtimeApi(httpSender(server.host)),
    async (event) => {
      if (++atOnce === 3) all.resolve();
      await all.promise;
      return [event, process.env._X_AMZN_TRACE_ID];
    },
    { signal: stop.signal, slots: 3 },
  );
  await server.idle;
  stop.abort();
  await served;
  expect(server.posted.map(({ json }) => json).toSorted()).toEqual([
    [1, null],
    [2, null],
    [3, null],
  ]);
});
