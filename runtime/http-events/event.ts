import { BadRequest } from "../request/errors.ts";
import { isRecord } from "../request/record.ts";

export interface HttpRequest {
  readonly method: string;
  /** Without stage, query and trailing slash; at least `/`. */
  readonly path: string;
  /** A header's value, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
  /** Content coding of the body; a gateway that passes the body as text has decoded it. */
  readonly coding: string | undefined;
  readonly trigger: HttpTrigger;
}

/** Services that pass HTTP requests to a function, by the form of the reply. */
export type HttpTrigger = "function-url" | "http-api" | "rest-api" | "alb" | "alb-multi-value";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Whether an event is an HTTP request: all have `requestContext` (`httpMethod` in hand-written tests of REST handlers).
 * An event with `body` and without `inputs` counts as one too.
 */
export function isHttpEvent(event: unknown): event is Fields {
  if (!isRecord(event) || "inputs" in event) return false;
  return "requestContext" in event || "httpMethod" in event || "body" in event;
}

/** Whether an event is certainly an HTTP request: `body` alone may be anything to a user's handler. */
export function isGatewayEvent(event: unknown): event is Fields {
  return isHttpEvent(event) && ("requestContext" in event || "httpMethod" in event);
}

/** Reads an event of API Gateway (REST, or HTTP in either format), a Function URL or an ALB. */
export function readHttpEvent(event: Fields): HttpRequest {
  const context = isRecord(event.requestContext) ? event.requestContext : {};
  const http = isRecord(context.http) ? context.http : {};
  const headers = headersOf(event);
  const path = text(event.rawPath) ?? text(http.path) ?? text(event.path) ?? "/";
  const stage = text(context.stage);
  const own =
    stage && event.rawPath !== undefined && path.startsWith(`/${stage}/`)
      ? path.slice(stage.length + 1)
      : path;
  const body = text(event.body) ?? "";
  const binary = event.isBase64Encoded === true;
  return {
    method: (text(http.method) ?? text(event.httpMethod) ?? "POST").toUpperCase(),
    path: withoutEndingSlashes(own),
    header: (name) => headers.get(name),
    body: Buffer.from(body, binary ? "base64" : "utf8"),
    coding: binary ? headers.get("content-encoding") : undefined,
    trigger: triggerOf(event, context),
  };
}

/** A loop, since a regular expression would take quadratic time. */
function withoutEndingSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end--;
  return path.slice(0, end);
}

/**
 * Events are read leniently, except for the fields that decide how the body is read.
 * @throws BadRequest for a body that is not a string or a flag that is not a boolean
 */
export function checkBody({ body, isBase64Encoded }: Fields): void {
  for (const [field, value, type] of [
    ["body", body, "string"],
    ["isBase64Encoded", isBase64Encoded, "boolean"],
  ] as const) {
    if (value === undefined || value === null || typeof value === type) continue;
    throw new BadRequest(
      field,
      `expected ${type}, received ${Array.isArray(value) ? "array" : typeof value}`,
    );
  }
}

function triggerOf(event: Fields, context: Fields): HttpTrigger {
  if ("elb" in context) return isRecord(event.multiValueHeaders) ? "alb-multi-value" : "alb";
  if ("http" in context)
    return text(context.domainName)?.includes(".lambda-url.") ? "function-url" : "http-api";
  return "rest-api";
}

/**
 * Names in lower case. Of several values the last one is kept, as in events of API Gateway with one value per header.
 */
function headersOf({ headers, multiValueHeaders }: Fields): Map<string, string> {
  const single = isRecord(headers) ? Object.entries(headers) : [];
  const several = isRecord(multiValueHeaders) ? Object.entries(multiValueHeaders) : [];
  const all = [
    ...several.map(([name, values]) => [name, Array.isArray(values) ? values.at(-1) : undefined]),
    ...single,
  ];
  return new Map(
    all.flatMap(([name, value]) => (typeof value === "string" ? [[String(name).toLowerCase(), value]] : [])),
  );
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
