/** Error as the Runtime API takes it: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace: readonly string[];
}

/**
 * Describes anything that was thrown. The type is the error's name, the stack is given frame by frame; a caller's
 * mistake (an error with a status below 500) has no stack, since nothing in this program is to be mended.
 */
export function toFailure(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) {
    return { errorType: "Error", errorMessage: String(thrown), stackTrace: [] };
  }
  const mistake = "status" in thrown && typeof thrown.status === "number" && thrown.status < 500;
  const frames = mistake ? [] : (thrown.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  return {
    errorType: /^[\w.:-]+$/.test(thrown.name) ? thrown.name : "Error",
    errorMessage: thrown.message,
    stackTrace: frames.map((line) => line.trim()),
  };
}
