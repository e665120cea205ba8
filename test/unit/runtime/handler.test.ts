import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { modelHandler } from "../../../runtime/handler.ts";
import { modelSet } from "../../../runtime/models.ts";
import { tinyGraph, tinyModel } from "./tiny-model.ts";

const logged: string[] = [];

beforeEach(() => {
  logged.length = 0;
  vi.spyOn(process.stderr, "write").mockImplementation((line) => logged.push(String(line)) > 0);
});
afterEach(() => vi.restoreAllMocks());

/** Has the tiny model answer one event. */
function answer(event: unknown, graph = tinyGraph(), deadlineMs = Date.now() + 10_000): Promise<unknown> {
  const models = modelSet(["tiny"], undefined, async () => tinyModel(graph));
  const invocation = { requestId: "r", deadlineMs, functionArn: "", body: "" };
  return modelHandler(models)(event, {
    ...invocation,
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
  { from: "HTTP API, Function URL", event: { version: "2.0", requestContext: { http: {} }, body } },
  { from: "REST API", event: { httpMethod: "POST", requestContext: {}, body, isBase64Encoded: false } },
  {
    from: "base64",
    event: { requestContext: {}, body: Buffer.from(body).toString("base64"), isBase64Encoded: true },
  },
])("$from gets a reply", async ({ event }) => {
  const headers = { "content-type": "application/json" };
  expect(await answer(event)).toEqual({ statusCode: 200, headers, body: "[3.5,2.5]" });
});

test("a direct caller's mistake is thrown, an HTTP caller's is a 400; neither is logged", async () => {
  await expect(answer({ inputs: [] })).rejects.toMatchObject({ name: "BadRequest", field: "inputs" });
  expect(await answer({ body: '{"inputs":[]}' })).toMatchObject({
    statusCode: 400,
    body: '{"error":"inputs: the list is empty","field":"inputs"}',
  });
  expect(await answer({ body: '{"inputs":"a","model":"tinny"}' })).toMatchObject({
    statusCode: 400,
    body: '{"error":"model: no \\"tinny\\" here; did you mean tiny? (tiny)","field":"model"}',
  });
  expect(logged).toEqual([]);
});

test("our own failure is thrown, or a 500 that tells nothing; the log tells all", async () => {
  const broken = { ...tinyGraph(), run: () => Promise.reject(new Error("bad tensor")) };
  await expect(answer({ inputs: "a" }, broken)).rejects.toThrow("bad tensor");
  expect(await answer({ body }, broken)).toMatchObject({
    statusCode: 500,
    body: '{"error":"internal error","requestId":"r"}',
  });
  expect(logged.join("")).toContain("bad tensor");
});

test("no time left is thrown, or a 504", async () => {
  const never = { ...tinyGraph(), run: () => new Promise<never>(() => {}) };
  await expect(answer({ inputs: "a" }, never, Date.now() + 120)).rejects.toThrow("before the deadline");
  expect(await answer({ body }, never, Date.now() + 120)).toMatchObject({ statusCode: 504 });
});
