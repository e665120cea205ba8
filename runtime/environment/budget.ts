import { slotCount } from "./threads.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Share of the function's memory for requests; models and the runtime need the rest. */
const SHARE = 0.25;

/** MB of the function's memory; infinite if the variable is unset or not a positive number. */
export function memoryMb(env: Environment): number {
  const given = Number(env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]);
  return given > 0 ? given : Number.POSITIVE_INFINITY;
}

/** Bytes that one request may use: the share of the memory, divided by the number of concurrent events. */
export function requestBytes(env: Environment): number {
  return (memoryMb(env) * 2 ** 20 * SHARE) / slotCount(env["AWS_LAMBDA_MAX_CONCURRENCY"]);
}

/** Bytes per token while a text is tokenized: the native part keeps token, offsets and masks. */
const TOKEN_BYTES = 400;
const MAX_TOKENS = 16_384;

/** Overhead of a text, however short, in tokens. */
export const TEXT_TOKENS = 32;

/** Tokens that one request may hold at a time; more would not make it faster. */
export function heldTokens(env: Environment): number {
  return Math.min(MAX_TOKENS, Math.floor(requestBytes(env) / TOKEN_BYTES));
}
