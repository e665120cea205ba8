/** The caller's mistake: told in full to the caller, never logged as ours. HTTP status 400, or a nearer one. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
  readonly status: number;
  /** Path of the value at fault as the caller wrote it, e.g. `parameters.normalize` or `inputs[2]`. */
  readonly field: string;

  constructor(field: string, problem: string, status = 400) {
    const shown = shortened(field);
    super(`${shown}: ${shortened(problem)}`);
    this.field = shown;
    this.status = status;
  }
}

/** Names come from the request, and an error may be no larger than an answer. */
const MOST_SHOWN = 1000;

const shortened = (text: string) => (text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text);

/** The invocation's time is up before the answer was there. HTTP status 504. */
export class DeadlineExceeded extends Error {
  override readonly name = "Runtime.DeadlineExceeded";
  readonly status = 504;
}

/** More than the function takes at once. HTTP status 429. */
export class TooManyRequests extends Error {
  override readonly name = "TooManyRequests";
  readonly status = 429;
}

/** The answer is larger than Lambda hands on. HTTP status 413. */
export class ResponseTooLarge extends Error {
  override readonly name = "Function.ResponseSizeTooLarge";
  readonly status = 413;

  constructor(bytes: number | string) {
    super(`the answer has ${bytes} bytes, and Lambda takes 6 MB: ask for less at once`);
  }
}

/** The handler's answer is no JSON: a BigInt, a circle, a function. */
export class AnswerNotJson extends Error {
  override readonly name = "Runtime.JSONStringifyError";

  constructor(why: string) {
    super(`the answer cannot be written as JSON: ${why}`);
  }
}
