import { expect, test } from "vitest";
import { heldTokens, memoryMb, requestBytes } from "../../../../runtime/environment/budget.ts";

const env = (memory: string, slots = "") => ({
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memory,
  AWS_LAMBDA_MAX_CONCURRENCY: slots,
});

test("a request has its share of the memory, divided by the slots", () => {
  expect(requestBytes(env("1024"))).toBe(256 * 2 ** 20);
  expect(requestBytes(env("1024", "8"))).toBe(32 * 2 ** 20);
  expect(memoryMb(env("-1"))).toBe(Number.POSITIVE_INFINITY);
});

test("it holds no more tokens than fit, and no more than make it faster", () => {
  expect(heldTokens({})).toBe(16_384);
  expect(heldTokens(env("512", "32"))).toBe(Math.floor((4 * 2 ** 20) / 400));
});
