/** An error in the Runtime API's format: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace: readonly string[];
}

/** Limits in characters. An error without limits would end the process. */
const LIMITS = { message: 8192, type: 256, stack: 32_768 };

export const shortened = (message: string, length = LIMITS.message): string =>
  message.length > length ? `${message.slice(0, length)}… (${message.length} characters)` : message;

/**
 * Describes any thrown value, and never throws itself, even if reading a property throws. The type is the error's name,
 * or `typeof` for other values; the stack is a list of frames. A caller's mistake (an error with a status below 500)
 * has no stack, since it is not an error of this program.
 */
export function toFailure(thrown: unknown): Failure {
  try {
    if (!(thrown instanceof Error)) {
      return { errorType: typeof thrown, errorMessage: shortened(String(thrown)), stackTrace: [] };
    }
    const mistake = "status" in thrown && typeof thrown.status === "number" && thrown.status < 500;
    const frames = String(thrown.stack ?? "")
      .slice(-LIMITS.stack)
      .split("\n")
      .filter((line) => line.startsWith("    at "));
    const name = typeof thrown.name === "string" && thrown.name !== "" ? thrown.name : "Error";
    return {
      errorType: shortened(name, LIMITS.type),
      errorMessage: shortened(String(thrown.message)),
      stackTrace: mistake ? [] : frames.map((line) => line.trim()),
    };
  } catch {
    return { errorType: typeof thrown, errorMessage: "it cannot be converted to text", stackTrace: [] };
  }
}

/** The type, if it is valid in a header; otherwise `Error`. */
export function headerType({ errorType }: Failure): string {
  return /^[\w.:-]+$/.test(errorType) ? errorType : "Error";
}
