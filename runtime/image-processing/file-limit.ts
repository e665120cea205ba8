import { BadRequest } from "../request/errors.ts";

/** Bytes that a picture file may have; more than an event can carry, for those that come from S3. */
export const MAX_FILE = 20 * 1024 * 1024;

/** The refusal of a larger file. */
export function tooLarge(field: string): BadRequest {
  return new BadRequest(field, `the picture has more than ${MAX_FILE / 1024 / 1024} MB`, 413);
}
