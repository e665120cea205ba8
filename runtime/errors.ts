/** The caller's mistake: told in full to the caller, never logged as ours. HTTP status 400. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
  readonly status = 400;
  /** Path of the value at fault as the caller wrote it, e.g. `parameters.normalize` or `inputs[2]`. */
  readonly field: string;

  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.field = field;
  }
}

/** The invocation's time is up before the answer was there. HTTP status 504. */
export class DeadlineExceeded extends Error {
  override readonly name = "Runtime.DeadlineExceeded";
  readonly status = 504;
}
