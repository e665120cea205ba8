import { slotCount } from "./threads.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Share of the function's memory that requests may take; models and the runtime need the rest. */
const SHARE = 0.25;

/** MB of the function's memory. What is no positive number counts as unset, which is no limit. */
export function memoryMb(env: Environment): number {
  const given = Number(env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]);
  return given > 0 ? given : Number.POSITIVE_INFINITY;
}

/** Bytes that one request may take: the share of the memory, divided by the events that are in work at once. */
export function requestBytes(env: Environment): number {
  return (memoryMb(env) * 2 ** 20 * SHARE) / slotCount(env["AWS_LAMBDA_MAX_CONCURRENCY"]);
}

/** Bytes of a token while its text is read: the native part keeps its text, offsets and masks. */
const TOKEN_BYTES = 400;
const MAX_TOKENS = 16_384;

/** What a text takes by itself, however short, in tokens. */
export const TEXT_TOKENS = 32;

/** Tokens that one request holds at once; more do not make it faster. */
export function heldTokens(env: Environment): number {
  return Math.min(MAX_TOKENS, Math.floor(requestBytes(env) / TOKEN_BYTES));
}
