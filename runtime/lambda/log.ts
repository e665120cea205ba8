import { toFailure } from "./error-payload.ts";

/** Lambda's log levels, the least urgent first. */
const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;
type Level = (typeof LEVELS)[number];

const { AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL = "INFO" } = process.env;

/** The level from which on lines are written; it is read once, since it cannot change while the function lives. */
const threshold = LEVELS.indexOf(AWS_LAMBDA_LOG_LEVEL.toUpperCase() as Level);

/** Whether a line of that level would be written, for what is costly to find out. */
export function isLogged(level: Level): boolean {
  return LEVELS.indexOf(level) >= threshold;
}

/**
 * One line on stderr: JSON as CloudWatch Logs and Lambda's JSON log format read it, or with AWS_LAMBDA_LOG_FORMAT=Text
 * the same with tabs between time, request, level and message.
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

/** An error with its type and stack. Only trouble is told: what goes well is in Lambda's own lines. */
export function logError(message: string, error: unknown, requestId?: string): void {
  log("ERROR", message, { ...(requestId === undefined ? {} : { requestId }), ...toFailure(error) });
}
