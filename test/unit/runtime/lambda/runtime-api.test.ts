import { expect, test } from "vitest";
import { httpSender } from "../../../../runtime/lambda/connection.ts";
import { runtimeApi } from "../../../../runtime/lambda/runtime-api.ts";
import { fakeRuntimeApi } from "./fake-runtime-api.ts";

test("next gives the event and what its headers say", async () => {
  await using server = await fakeRuntimeApi([
    {
      body: '{"inputs":"é"}',
      headers: {
        "Lambda-Runtime-Aws-Request-Id": "id-1",
        "Lambda-Runtime-Deadline-Ms": "1764000000000",
        "Lambda-Runtime-Trace-Id": "Root=1-2;Parent=3;Sampled=1",
        "Lambda-Runtime-Client-Context": '{"custom":{"a":1}}',
        "Lambda-Runtime-Cognito-Identity": "not json",
      },
    },
  ]);
  expect(await runtimeApi(httpSender(server.host)).next()).toEqual({
    requestId: "id-1",
    deadlineMs: 1764000000000,
    functionArn: "arn:aws:lambda:us-east-1:123456789012:function:f",
    traceId: "Root=1-2;Parent=3;Sampled=1",
    clientContext: { custom: { a: 1 } },
    identity: undefined,
    body: '{"inputs":"é"}',
  });
});

test("a client context comes in UTF-8, as no other header does", async () => {
  const bytes = Buffer.from('{"custom":{"name":"Zoë 漢"}}').toString("latin1");
  await using server = await fakeRuntimeApi([
    { body: "{}", headers: { "Lambda-Runtime-Client-Context": bytes } },
  ]);
  const { clientContext } = await runtimeApi(httpSender(server.host)).next();
  expect(clientContext).toEqual({ custom: { name: "Zoë 漢" } });
});

test("next can be aborted while it waits", async () => {
  await using server = await fakeRuntimeApi([]);
  const controller = new AbortController();
  const next = runtimeApi(httpSender(server.host)).next(controller.signal);
  await server.idle;
  controller.abort();
  await expect(next).rejects.toThrow("aborted");
});

test("next without a request id is an error", async () => {
  await using server = await fakeRuntimeApi([
    { body: "{}", headers: { "Lambda-Runtime-Aws-Request-Id": "" } },
  ]);
  await expect(runtimeApi(httpSender(server.host)).next()).rejects.toThrow("no request id");
});

test("a result goes to the invocation's response", async () => {
  await using server = await fakeRuntimeApi([]);
  await runtimeApi(httpSender(server.host)).respond("id-1", '["é"]');
  expect(server.posted).toMatchObject([{ path: "invocation/id-1/response", json: ["é"] }]);
});

test("an error goes out with type, message and stack, and its type in a header", async () => {
  await using server = await fakeRuntimeApi([]);
  await runtimeApi(httpSender(server.host)).fail("id-1", new RangeError("too far"));
  expect(server.posted).toMatchObject([
    {
      path: "invocation/id-1/error",
      headers: { "lambda-runtime-function-error-type": "RangeError" },
      json: { errorType: "RangeError", errorMessage: "too far", stackTrace: expect.any(Array) },
    },
  ]);
});

test("an init error goes to init/error", async () => {
  await using server = await fakeRuntimeApi([]);
  await runtimeApi(httpSender(server.host)).failInit(new Error("no model"));
  expect(server.posted).toMatchObject([{ path: "init/error", json: { errorMessage: "no model" } }]);
});

test.each([
  { status: 413, fatal: false, tooLarge: true },
  { status: 500, fatal: true, tooLarge: false },
  { status: 403, fatal: false, tooLarge: false },
])("a post answered with $status rejects", async ({ status, fatal, tooLarge }) => {
  await using server = await fakeRuntimeApi([], () => status);
  const api = runtimeApi(httpSender(server.host));
  await expect(api.respond("id-1", "1")).rejects.toMatchObject({ name: "Runtime.ApiError", fatal, tooLarge });
});
