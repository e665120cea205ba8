import { BadRequest } from "./errors.ts";
import type { Work } from "./work.ts";

/** Bytes of an answer that Lambda takes, streamed ones apart. */
export const MAX_ANSWER = 6 * 1024 * 1024 + 100;

/**
 * Refuses a request before its work is done when the shortest answer that it can have is too large.
 * @param least bytes of that answer as JSON
 * @param field what makes it large, for the error
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

/** Bytes of a number in a list at least, with its comma. */
export const NUMBER_BYTES = 2;

/** Bytes of a text as JSON. */
export const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));
