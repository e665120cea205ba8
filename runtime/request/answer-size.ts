import { BadRequest } from "./errors.ts";
import type { Work } from "./work.ts";

/** Lambda's limit of an answer that is not streamed, in bytes. */
export const MAX_ANSWER = 6 * 1024 * 1024 + 100;

/**
 * Refuses a request before any work if even the shortest possible answer is too large.
 * @param least bytes of that answer as JSON
 * @param field path of the value that makes it large, for the error
 * @throws BadRequest with status 413
 */
export function refuseLargeAnswer(least: number, { answerLimit }: Pick<Work, "answerLimit">, field: string) {
  if (least <= answerLimit) return;
  throw new BadRequest(
    field,
    `the answer would have at least ${least} bytes, and at most ${answerLimit} are allowed: ask for less at once`,
    413,
  );
}

/** Fewest bytes of a number in a list, with its comma. */
export const NUMBER_BYTES = 2;

export const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));
