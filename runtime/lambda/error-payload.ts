/** Error as the Runtime API takes it: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace: readonly string[];
}

/** Characters of a message, of a type, and of a stack that are told; an error without limits ends the process. */
const LIMITS = { message: 8192, type: 256, stack: 32_768 };

/** A message as it is told to callers and in the log. */
export const shortened = (message: string, length = LIMITS.message): string =>
  message.length > length ? `${message.slice(0, length)}… (${message.length} characters)` : message;

/**
 * Describes anything that was thrown; never throws itself, whatever the thing's properties do. The type is the error's
 * name, or what `typeof` says of something that is no error; the stack is given frame by frame. A caller's mistake (an
 * error with a status below 500) has no stack, since nothing in this program is to be mended.
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
    return { errorType: typeof thrown, errorMessage: "it cannot be told as text", stackTrace: [] };
  }
}

/** The type as a header can carry it. */
export function headerType({ errorType }: Failure): string {
  return /^[\w.:-]+$/.test(errorType) ? errorType : "Error";
}
