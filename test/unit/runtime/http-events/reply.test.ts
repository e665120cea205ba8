import { expect, test } from "vitest";
import { errorReply, forTrigger, jsonReply } from "../../../../runtime/http-events/reply.ts";
import { BadRequest, DeadlineExceeded, TooManyRequests } from "../../../../runtime/request/errors.ts";

const reply = jsonReply(200, [1]);
const headers = { "content-type": "application/json" };

test.each([
  { trigger: "function-url", wanted: { statusCode: 200, headers, body: "[1]" } },
  { trigger: "http-api", wanted: { statusCode: 200, headers, body: "[1]" } },
  { trigger: "rest-api", wanted: { statusCode: 200, headers, body: "[1]", isBase64Encoded: false } },
  {
    trigger: "alb",
    wanted: { statusCode: 200, statusDescription: "200 OK", headers, body: "[1]", isBase64Encoded: false },
  },
  {
    trigger: "alb-multi-value",
    wanted: {
      statusCode: 200,
      statusDescription: "200 OK",
      multiValueHeaders: { "content-type": ["application/json"] },
      body: "[1]",
      isBase64Encoded: false,
    },
  },
] as const)("$trigger", ({ trigger, wanted }) => {
  expect(forTrigger(reply, trigger)).toEqual(wanted);
});

test.each([
  {
    error: new BadRequest("inputs", "missing"),
    status: 400,
    body: { error: "inputs: missing", field: "inputs" },
  },
  { error: new BadRequest("body", "big", 413), status: 413, body: { error: "body: big", field: "body" } },
  { error: new TooManyRequests("later"), status: 429, body: { error: "later", requestId: "r" } },
  { error: new DeadlineExceeded("too slow"), status: 504, body: { error: "too slow", requestId: "r" } },
  { error: new Error("password is 1234"), status: 500, body: { error: "internal error", requestId: "r" } },
  { error: "text", status: 500, body: { error: "internal error", requestId: "r" } },
])("$error becomes $status", ({ error, status, body }) => {
  const { statusCode, body: json } = errorReply(error, "r");
  expect({ status: statusCode, body: JSON.parse(json) }).toEqual({ status, body });
});

test("headers that some statuses have", () => {
  expect(errorReply(new BadRequest("method", "no", 405), "r").headers).toMatchObject({
    allow: "GET, HEAD, POST",
  });
  expect(errorReply(new TooManyRequests("later"), "r").headers).toMatchObject({ "retry-after": "1" });
});
