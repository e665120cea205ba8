/** The caller's mistake: reported in full to the caller and not logged. HTTP status 400, or a more specific one. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
  readonly status: number;
  /** Path of the wrong value in the request, such as `parameters.normalize` or `inputs[2]`. */
  readonly field: string;

  constructor(field: string, problem: string, status = 400) {
    const shown = shortened(field);
    super(`${shown}: ${shortened(problem)}`);
    this.field = shown;
    this.status = status;
  }
}

/** Names come from the request, so their length in an error must be limited. */
const MOST_SHOWN = 1000;

const shortened = (text: string) => (text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text);

/** HTTP status 504. */
export class DeadlineExceeded extends Error {
  override readonly name = "Runtime.DeadlineExceeded";
  readonly status = 504;
}

/** HTTP status 429. */
export class TooManyRequests extends Error {
  override readonly name = "TooManyRequests";
  readonly status = 429;
}

/** The answer exceeds Lambda's limit. HTTP status 413. */
export class ResponseTooLarge extends Error {
  override readonly name = "Function.ResponseSizeTooLarge";
  readonly status = 413;

  constructor(bytes: number | string) {
    super(`the answer has ${bytes} bytes, and Lambda's limit is 6 MB: ask for less at once`);
  }
}

/** The handler's answer is not JSON: it has a BigInt, a cycle or a function. */
export class AnswerNotJson extends Error {
  override readonly name = "Runtime.JSONStringifyError";

  constructor(why: string) {
    super(`the answer cannot be written as JSON: ${why}`);
  }
}
