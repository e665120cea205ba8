import { toFailure } from "./api/failure.ts";

/**
 * One JSON line on stderr, as CloudWatch Logs and Lambda's JSON log format read it. Only trouble is logged: what goes
 * well is already in Lambda's own START/END/REPORT lines.
 */
export function logError(message: string, error: unknown, requestId?: string): void {
  const line = {
    timestamp: new Date().toISOString(),
    level: "ERROR",
    ...(requestId === undefined ? {} : { requestId }),
    message,
    ...toFailure(error),
  };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
