import { expect, test } from "vitest";
import { replyOf } from "../../../../build/smoke/relay.ts";

const line = (reply: object) => JSON.stringify({ milliseconds: 1, ...reply });

test.each([
  { status: 200, body: "[1]" },
  // Of a function that streams nothing.
  { status: 200, body: "" },
  { status: 502, body: '{"errorType":"Error"}' },
])("status $status with $body is the answer", (reply) => {
  expect(replyOf(line(reply)).body).toBe(reply.body);
});

test.each([
  { reply: { status: 502, body: "" }, says: "ended before it had answered" },
  { reply: { error: "socket hang up" }, says: "does not answer: socket hang up" },
])("$reply is no answer: $says", ({ reply, says }) => {
  expect(() => replyOf(line(reply))).toThrow(says);
});
