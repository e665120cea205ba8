import { BadRequest } from "./errors.ts";

/** What API Gateway (REST and HTTP), a Function URL and an ALB take as a reply. */
export interface HttpReply {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/**
 * Whether an event is an HTTP request: they all carry `requestContext` (`httpMethod` in hand-written tests of REST
 * handlers); `body` without `inputs` is taken for one as well.
 */
export function isHttpEvent(event: unknown): event is Record<string, unknown> {
  if (typeof event !== "object" || event === null || "inputs" in event) return false;
  return "requestContext" in event || "httpMethod" in event || "body" in event;
}

/** The JSON that the body of an HTTP event holds, plain or in base64. */
export function readBody(event: Record<string, unknown>): unknown {
  const { body, isBase64Encoded } = event;
  if (typeof body !== "string" || body === "")
    throw new BadRequest("body", "missing; send JSON with `inputs`");
  const text = isBase64Encoded === true ? Buffer.from(body, "base64").toString() : body;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadRequest("body", `not JSON (${error instanceof Error ? error.message : error})`);
  }
}

/** A JSON reply. */
export function httpReply(statusCode: number, value: unknown): HttpReply {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** An error as an HTTP reply: our own failures are not explained to the outside. */
export function httpError(error: unknown, requestId: string): HttpReply {
  const status =
    error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : 500;
  if (error instanceof BadRequest) return httpReply(status, { error: error.message, field: error.field });
  const message = status < 500 || status === 504 ? (error as Error).message : "internal error";
  return httpReply(status, { error: message, requestId });
}
