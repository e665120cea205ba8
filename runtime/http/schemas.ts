import { AlbSchema } from "@aws-lambda-powertools/parser/schemas/alb";
import { APIGatewayProxyEventSchema } from "@aws-lambda-powertools/parser/schemas/api-gateway";
import { APIGatewayProxyEventV2Schema } from "@aws-lambda-powertools/parser/schemas/api-gatewayv2";
import { LambdaFunctionUrlSchema } from "@aws-lambda-powertools/parser/schemas/lambda";
import type { Carrier } from "./event.ts";

/** What Powertools for AWS Lambda expects of each carrier's events. */
export const SCHEMAS = {
  "function-url": LambdaFunctionUrlSchema,
  "http-api": APIGatewayProxyEventV2Schema,
  "rest-api": APIGatewayProxyEventSchema,
  alb: AlbSchema,
  "alb-multi-value": AlbSchema,
} as const satisfies Readonly<Record<Carrier, unknown>>;

/** Fields that decide how a body is read. */
const DECISIVE = /^(body|isBase64Encoded|(headers|multiValueHeaders)(\.content-type(\.\d+)?)?)$/i;

/** A field of the event itself that is not what its carrier sends. */
export interface EventFault {
  readonly field: string;
  readonly problem: string;
}

/**
 * The first of the fields that decide how the body is read whose value cannot have come from the carrier. What is
 * missing is no fault: events typed into the console have little more than a body.
 */
export function faultIn(event: unknown, carrier: Carrier): EventFault | undefined {
  for (const { path, message } of SCHEMAS[carrier].safeParse(event).error?.issues ?? []) {
    const field = path.join(".");
    const value = path.reduce((inner: unknown, key) => (inner as Record<PropertyKey, unknown>)?.[key], event);
    if (!DECISIVE.test(field) || value === undefined || value === null) continue;
    return { field, problem: message.replace(/^Invalid input: /, "") };
  }
  return undefined;
}
