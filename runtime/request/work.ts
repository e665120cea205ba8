import type { CheckTime, TimeLeft } from "./deadline.ts";

/** Milliseconds of an answer's steps; the rest of the time is post-processing. */
export interface Timings {
  /** Of an image: decoding, resizing, scaling. */
  preprocessing: number;
  inference: number;
}

/** What accompanies one request through a task. */
export interface Work {
  /** Called between pieces of work that hold the thread. */
  readonly checkTime: CheckTime;
  readonly timeLeft: TimeLeft;
  readonly timings: Timings;
  /** Bytes that the answer may have as JSON. */
  readonly answerLimit: number;
}

export function newWork(
  checkTime: CheckTime,
  timeLeft: TimeLeft = () => Number.POSITIVE_INFINITY,
  answerLimit: number = Number.POSITIVE_INFINITY,
): Work {
  return { checkTime, timeLeft, timings: { preprocessing: 0, inference: 0 }, answerLimit };
}

/** Does one step and adds its time to the step's sum. */
export async function timed<T>(
  { timings }: Work,
  step: keyof Timings,
  run: () => T | Promise<T>,
): Promise<T> {
  const start = performance.now();
  const result = await run();
  timings[step] += performance.now() - start;
  return result;
}
