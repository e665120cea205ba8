/**
 * The error that an answer of the emulator is, in words; undefined for a result. It gives a function's error status 200
 * and the error's record; a timeout is plain text.
 */
export function functionError(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (value === null || typeof value !== "object" || !("errorType" in value)) return undefined;
    const { errorType, errorMessage } = value as { errorType: string; errorMessage?: string };
    return `${errorType}: ${errorMessage}`;
  } catch {
    return body;
  }
}

/** Where the function's own code threw it; empty for an error that is the caller's. */
export function functionTrace(body: string): string {
  try {
    const { stackTrace }: { stackTrace?: unknown } = JSON.parse(body);
    return Array.isArray(stackTrace) ? stackTrace.join("\n") : "";
  } catch {
    return "";
  }
}
