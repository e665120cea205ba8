import { expect, test } from "vitest";
import { BadRequest } from "../../../../runtime/errors.ts";
import { type Carrier, isHttpEvent, readHttpEvent } from "../../../../runtime/http/event.ts";
import { explained } from "../../../../runtime/http/explain.ts";
import { faultIn, SCHEMAS } from "../../../../runtime/http/schemas.ts";
import { AWS_EVENTS } from "./aws-events.ts";

const events = Object.entries(AWS_EVENTS) as [Carrier, Record<string, unknown>][];

test.each(events)("%s: what AWS sends is what Powertools expects, and is read alike", (carrier, event) => {
  expect(SCHEMAS[carrier].safeParse(event).error).toBeUndefined();
  expect(isHttpEvent(event)).toBe(true);
  const request = readHttpEvent(event);
  expect(request).toMatchObject({ carrier, method: "POST", path: "/" });
  expect(request.header("content-type")).toBe("application/json");
  expect(JSON.parse(request.body.toString())).toEqual({ inputs: "a b" });
  expect(faultIn(event, carrier)).toBeUndefined();
});

const FAULTS = [
  { odd: { body: { inputs: "a" } }, field: "body", problem: "expected string, received object" },
  {
    odd: { isBase64Encoded: "true" },
    field: "isBase64Encoded",
    problem: "expected boolean, received string",
  },
  { odd: { headers: ["content-type"] }, field: "headers", problem: "expected record, received array" },
  { odd: { headers: { "content-type": 5 } }, field: "headers.content-type", problem: "received number" },
];

test.each(FAULTS)("$field: $problem, whoever the carrier is", async ({ odd, field, problem }) => {
  for (const [carrier, event] of events) {
    const fault = await explained(new BadRequest("body", "not JSON"), { ...event, ...odd }, carrier);
    expect(fault).toMatchObject({ field, message: expect.stringContaining(problem) });
    expect(fault).toMatchObject({ status: 400, message: expect.stringContaining("(body: not JSON)") });
  }
});

test("an event that has little is at no fault", async () => {
  const error = new BadRequest("body", "missing");
  const bare = { requestContext: {}, headers: { a: 5, "x-odd": null }, httpMethod: "post", body: null };
  expect(await explained(error, bare, "rest-api")).toBe(error);
  expect(await explained(error, { body: "" }, "rest-api")).toBe(error);
});

test.each([
  { about: "a Lambda authorizer's own context", changes: { authorizer: { user: "me" } } },
  { about: "scopes that are null", changes: { authorizer: { claims: {}, scopes: null } } },
])("what Powertools refuses though AWS sends it is answered: $about", ({ changes }) => {
  const event = AWS_EVENTS["rest-api"] as { requestContext: object };
  const real = { ...event, requestContext: { ...event.requestContext, ...changes } };
  expect(SCHEMAS["rest-api"].safeParse(real).success).toBe(false);
  expect(readHttpEvent(real)).toMatchObject({ carrier: "rest-api", method: "POST" });
  expect(faultIn(real, "rest-api")).toBeUndefined();
});

test("other errors stay as they are", async () => {
  const large = new BadRequest("body", "large", 413);
  const own = new BadRequest("inputs", "missing");
  for (const error of [large, own, new Error("x")]) {
    expect(await explained(error, { body: 5 }, "http-api")).toBe(error);
  }
});
