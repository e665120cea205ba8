import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { runtimeApi } from "../../../../runtime/api/client.ts";
import { httpSender } from "../../../../runtime/api/http.ts";
import { type Handler, serve } from "../../../../runtime/api/loop.ts";
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
  const served = serve(runtimeApi(httpSender(server.host)), handler, stop.signal);
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

test("a result that is no JSON is the invocation's error", async () => {
  const posted = await answers([{ body: "1" }], async () => 1n);
  expect(posted).toMatchObject([{ path: "invocation/request-1/error", json: { errorType: "TypeError" } }]);
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
  await serve(runtimeApi(httpSender(server.host)), async () => stop.abort(), stop.signal);
  expect(server.posted).toMatchObject([{ path: "invocation/request-1/response" }]);
});
