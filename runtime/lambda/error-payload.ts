/** Error as the Runtime API takes it: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace: readonly string[];
}

/**
 * Describes anything that was thrown; never throws itself, whatever the thing's properties do. The type is the error's
 * name, or what `typeof` says of something that is no error; the stack is given frame by frame. A caller's mistake (an
 * error with a status below 500) has no stack, since nothing in this program is to be mended.
 */
export function toFailure(thrown: unknown): Failure {
  try {
    if (!(thrown instanceof Error)) {
      return { errorType: typeof thrown, errorMessage: String(thrown), stackTrace: [] };
    }
    const mistake = "status" in thrown && typeof thrown.status === "number" && thrown.status < 500;
    const frames = String(thrown.stack ?? "")
      .split("\n")
      .filter((line) => line.startsWith("    at "));
    return {
      errorType: typeof thrown.name === "string" && thrown.name !== "" ? thrown.name : "Error",
      errorMessage: String(thrown.message),
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
