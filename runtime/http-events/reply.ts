import { STATUS_CODES } from "node:http";
import { shortened } from "../lambda/error-payload.ts";
import { BadRequest } from "../request/errors.ts";
import { ACCEPTED } from "./content-encoding.ts";
import type { HttpTrigger } from "./event.ts";

/** A reply in the form of Function URLs, before it is converted for the trigger. */
export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function jsonReply(statusCode: number, value: unknown, headers: Reply["headers"] = {}): Reply {
  return {
    statusCode,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
  };
}

/** An error as a reply: a caller's mistake in full, an internal failure without details. */
export function errorReply(error: unknown, requestId: string): Reply {
  const status = statusOf(error);
  if (error instanceof BadRequest) {
    return jsonReply(status, { error: error.message, field: error.field }, wanted(error));
  }
  const message = status < 500 || status === 504 ? shortened((error as Error).message) : "internal error";
  return jsonReply(
    status,
    { error: message, requestId },
    status === 429 ? { "retry-after": "1" } : undefined,
  );
}

/** Headers that tell a caller which requests are accepted (RFC 9110: 15.5.6, 12.5.3). */
function wanted({ status, field }: BadRequest): Reply["headers"] | undefined {
  if (status === 405) return { allow: "GET, HEAD, POST" };
  return status === 415 && field === "content-encoding" ? { "accept-encoding": ACCEPTED } : undefined;
}

function statusOf(error: unknown): number {
  return error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : 500;
}

export function forTrigger(reply: Reply, trigger: HttpTrigger): unknown {
  if (trigger === "function-url" || trigger === "http-api") return reply;
  const { headers, ...rest } = { ...reply, isBase64Encoded: false };
  if (trigger === "rest-api") return { ...rest, headers };
  const statusDescription = `${reply.statusCode} ${STATUS_CODES[reply.statusCode] ?? ""}`.trim();
  if (trigger === "alb") return { ...rest, statusDescription, headers };
  const several = Object.entries(headers).map(([name, value]) => [name, [value]]);
  return { ...rest, statusDescription, multiValueHeaders: Object.fromEntries(several) };
}
