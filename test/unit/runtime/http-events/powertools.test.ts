import { AlbSchema } from "@aws-lambda-powertools/parser/schemas/alb";
import { APIGatewayProxyEventSchema } from "@aws-lambda-powertools/parser/schemas/api-gateway";
import { APIGatewayProxyEventV2Schema } from "@aws-lambda-powertools/parser/schemas/api-gatewayv2";
import { LambdaFunctionUrlSchema } from "@aws-lambda-powertools/parser/schemas/lambda";
import { expect, test } from "vitest";
import { type HttpTrigger, isHttpEvent, readHttpEvent } from "../../../../runtime/http-events/event.ts";
import { AWS_EVENTS } from "./aws-events.ts";

/** What Powertools for AWS Lambda expects of each trigger's events. */
const SCHEMAS = {
  "function-url": LambdaFunctionUrlSchema,
  "http-api": APIGatewayProxyEventV2Schema,
  "rest-api": APIGatewayProxyEventSchema,
  alb: AlbSchema,
  "alb-multi-value": AlbSchema,
} as const satisfies Readonly<Record<HttpTrigger, unknown>>;

const events = Object.entries(AWS_EVENTS) as [HttpTrigger, Record<string, unknown>][];

test.each(events)("%s: what AWS sends is what Powertools expects, and is read alike", (trigger, event) => {
  expect(SCHEMAS[trigger].safeParse(event).error).toBeUndefined();
  expect(isHttpEvent(event)).toBe(true);
  const request = readHttpEvent(event);
  expect(request).toMatchObject({ trigger, method: "POST", path: "/" });
  expect(request.header("content-type")).toBe("application/json");
  expect(JSON.parse(request.body.toString())).toEqual({ inputs: "a b" });
});

test.each([
  { about: "a Lambda authorizer's own context", changes: { authorizer: { user: "me" } } },
  { about: "scopes that are null", changes: { authorizer: { claims: {}, scopes: null } } },
])("what Powertools refuses though AWS sends it is read: $about", ({ changes }) => {
  const event = AWS_EVENTS["rest-api"] as { requestContext: object };
  const real = { ...event, requestContext: { ...event.requestContext, ...changes } };
  expect(SCHEMAS["rest-api"].safeParse(real).success).toBe(false);
  expect(readHttpEvent(real)).toMatchObject({ trigger: "rest-api", method: "POST" });
});
