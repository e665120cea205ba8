import { toFailure } from "./error-payload.ts";

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;
type Level = (typeof LEVELS)[number];

const { AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL = "INFO" } = process.env;

/** Lowest level that is written. Read once: it cannot change while the function runs. */
const threshold = LEVELS.indexOf(AWS_LAMBDA_LOG_LEVEL.toUpperCase() as Level);

/** Whether a line of this level is written, to avoid costly work for one that is not. */
export function isLogged(level: Level): boolean {
  return LEVELS.indexOf(level) >= threshold;
}

/**
 * Writes one line to stderr: JSON in Lambda's JSON log format, or with AWS_LAMBDA_LOG_FORMAT=Text the same separated by
 * tabs (time, request, level, message).
 */
export function log(level: Level, message: string, facts: Readonly<Record<string, unknown>> = {}): void {
  if (!isLogged(level)) return;
  const timestamp = new Date().toISOString();
  const { requestId, ...rest } = facts;
  const text = [timestamp, requestId ?? "-", level, message, JSON.stringify(rest)].join("\t");
  const line =
    AWS_LAMBDA_LOG_FORMAT === "Text" ? text : JSON.stringify({ timestamp, level, ...facts, message });
  process.stderr.write(`${line}\n`);
}

/** Logs an error with type and stack. Success is not logged: Lambda's own lines report it. */
export function logError(message: string, error: unknown, requestId?: string): void {
  log("ERROR", message, { ...(requestId === undefined ? {} : { requestId }), ...toFailure(error) });
}
