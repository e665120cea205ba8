import { DeadlineExceeded } from "./errors.ts";

/**
 * Milliseconds before Lambda's deadline, reserved to send the error. At the deadline Lambda would kill the environment,
 * and the next call would be a cold start.
 */
const MARGIN_MS = 100;

/** Longest delay of a timer; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Throws DeadlineExceeded if the deadline has passed, or would pass during the next piece of work.
 * @param expected duration of the next piece in milliseconds; default: the time since the last check
 */
export type CheckTime = (expected?: number) => void;

/** Milliseconds until the deadline, minus the reserve. */
export type TimeLeft = () => number;

/**
 * Runs `work`, and rejects with DeadlineExceeded shortly before `deadlineMs` (since 1970) if it is not finished. A
 * timer ends asynchronous work. Work that blocks the thread, such as ONNX Runtime's `run`, keeps the timer from firing:
 * it must be split into short pieces (batches.ts) and check the time between them.
 */
export async function beforeDeadline<T>(
  deadlineMs: number,
  work: (checkTime: CheckTime, timeLeft: TimeLeft) => Promise<T>,
): Promise<T> {
  const end = deadlineMs - MARGIN_MS;
  const late = () =>
    new DeadlineExceeded(
      `no answer ${MARGIN_MS} ms before the deadline: send less, or give the function more time or memory`,
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

/** Passes pieces through; throws DeadlineExceeded when one does not arrive before the deadline. */
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
    // Not awaited: a hung generator would never return.
    if (!done) iterator.return?.().catch(() => {});
  }
}
