import { expect, test } from "vitest";
import { BadRequest, DeadlineExceeded } from "../../../runtime/errors.ts";
import { httpError, httpReply, isHttpEvent, readBody } from "../../../runtime/http-event.ts";

test.each([
  { event: { version: "2.0", requestContext: { http: { method: "POST" } }, body: "{}" }, http: true },
  { event: { httpMethod: "POST", requestContext: {}, body: null }, http: true },
  { event: { httpMethod: "POST", body: "{}" }, http: true },
  { event: { body: "{}" }, http: true },
  { event: { inputs: "a" }, http: false },
  { event: { inputs: "a", body: "b" }, http: false },
  { event: {}, http: false },
  { event: null, http: false },
  { event: "body", http: false },
  { event: ["body"], http: false },
])("$event is an HTTP request: $http", ({ event, http }) => {
  expect(isHttpEvent(event)).toBe(http);
});

test("a body is JSON, plain or in base64", () => {
  const body = '{"inputs":"é"}';
  expect(readBody({ body })).toEqual({ inputs: "é" });
  expect(readBody({ body: Buffer.from(body).toString("base64"), isBase64Encoded: true })).toEqual({
    inputs: "é",
  });
});

test.each([{}, { body: null }, { body: "" }, { body: {} }])("%j has no body", (event) => {
  expect(() => readBody(event)).toThrow("body: missing");
});

test.each([
  { body: "{" },
  { body: "inputs=hello" },
  { body: '{"inputs":"a"}', isBase64Encoded: true },
  { body: "\u0000" },
])("%j is not JSON", (event) => {
  expect(() => readBody(event)).toThrow("body: not JSON");
});

test("a reply is JSON", () => {
  const headers = { "content-type": "application/json" };
  expect(httpReply(200, [1])).toEqual({ statusCode: 200, headers, body: "[1]" });
});

test.each([
  {
    error: new BadRequest("inputs", "missing"),
    statusCode: 400,
    body: { error: "inputs: missing", field: "inputs" },
  },
  { error: new DeadlineExceeded("too slow"), statusCode: 504, body: { error: "too slow", requestId: "r" } },
  {
    error: new Error("password is 1234"),
    statusCode: 500,
    body: { error: "internal error", requestId: "r" },
  },
  { error: "text", statusCode: 500, body: { error: "internal error", requestId: "r" } },
])("$error becomes a reply $statusCode", ({ error, statusCode, body }) => {
  const reply = httpError(error, "r");
  expect(reply.statusCode).toBe(statusCode);
  expect(JSON.parse(reply.body)).toEqual(body);
});
