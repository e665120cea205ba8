import { say } from "../../output.ts";
import type { Result } from "../results.ts";

/** Calls of each caller that count. */
export const EACH = 10;

/**
 * Requests per second of several callers at a time, each of which calls again when it has its answer. A first call of each
 * starts the environments, and does not count. Calls that fail, because the account has no more concurrency, count as failed;
 * the first reason is said.
 * @param allows whether a further call of each caller may be paid
 */
export async function concurrentCalls(
  call: () => Promise<unknown>,
  { name, callers, allows }: { name: string; callers: number; allows: () => boolean },
): Promise<NonNullable<NonNullable<Result["warm"]>["concurrent"]>> {
  /** Why a call has failed; undefined for a right answer. */
  const attempt = () =>
    call().then(
      () => undefined,
      (error: Error) => error.message,
    );
  await Promise.all(Array.from({ length: callers }, attempt));
  const start = performance.now();
  const answers = await Promise.all(
    Array.from({ length: callers }, async () => {
      const own: (string | undefined)[] = [];
      for (let each = 0; each < EACH && allows(); each++) own.push(await attempt());
      return own;
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const all = answers.flat();
  const faults = all.filter((fault) => fault !== undefined);
  if (faults.length > 0)
    say(`note: ${name}: ${faults.length} of ${all.length} calls of ${callers} callers failed: ${faults[0]}`);
  return {
    callers,
    calls: all.length,
    failed: faults.length,
    throughput: Math.round(((all.length - faults.length) / seconds) * 1000) / 1000,
  };
}
