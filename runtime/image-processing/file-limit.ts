import { BadRequest } from "../request/errors.ts";

/** Largest picture file, in bytes. An event carries less; files from S3 can have this size. */
export const MAX_FILE = 20 * 1024 * 1024;

export function tooLarge(field: string): BadRequest {
  return new BadRequest(field, `the picture has more than ${MAX_FILE / 1024 / 1024} MB`, 413);
}
