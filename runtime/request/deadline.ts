import { DeadlineExceeded } from "./errors.ts";

/**
 * Milliseconds kept back from Lambda's deadline to hand in the error. Lambda would kill the whole environment at the
 * deadline, and the next call would pay a cold start.
 */
const MARGIN_MS = 100;

/** What a timer can count; anything longer would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Throws DeadlineExceeded when the time is up, or would be after the next piece of work.
 * @param expected milliseconds that the next piece will take; default: as long as the last one, the time between two checks
 */
export type CheckTime = (expected?: number) => void;

/** Milliseconds until the deadline, less what is kept back. */
export type TimeLeft = () => number;

/**
 * Runs `work`, and rejects with DeadlineExceeded shortly before `deadlineMs` (since 1970) when it is not done by then.
 * A timer watches work that waits. Work that holds the thread, as ONNX Runtime's `run` does though it returns a
 * promise, keeps the timer from firing: it must come in short pieces (see batches.ts) and check the time between them.
 */
export async function beforeDeadline<T>(
  deadlineMs: number,
  work: (checkTime: CheckTime, timeLeft: TimeLeft) => Promise<T>,
): Promise<T> {
  const end = deadlineMs - MARGIN_MS;
  const late = () =>
    new DeadlineExceeded(
      `no answer ${MARGIN_MS} ms before the deadline: send less or allow more time or memory`,
    );
  const timeUp = Promise.withResolvers<never>();
  const left = end - Date.now();
  const timer = left <= MAX_TIMER_MS ? setTimeout(() => timeUp.reject(late()), Math.max(0, left)) : undefined;
  let lastCheck = Number.NaN;
  const checkTime: CheckTime = (expected) => {
    const now = Date.now();
    const piece = expected ?? (now - lastCheck || 0);
    lastCheck = now;
    if (now + piece >= end) throw late();
  };
  try {
    return await Promise.race([work(checkTime, () => end - Date.now()), timeUp.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The pieces again, as long as each comes before the deadline. */
export async function* inTime<T>(deadlineMs: number, pieces: AsyncIterable<T>): AsyncGenerator<T, void> {
  const iterator = pieces[Symbol.asyncIterator]();
  let done = false;
  try {
    while (!done) {
      const step = await beforeDeadline(deadlineMs, () => iterator.next());
      done = step.done === true;
      if (!step.done) yield step.value;
    }
  } finally {
    // Not waited for: a generator that hangs ends only after it.
    if (!done) iterator.return?.().catch(() => {});
  }
}
