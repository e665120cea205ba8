import type { CheckTime, TimeLeft } from "./deadline.ts";

/** Milliseconds of each step; the rest of the time is post-processing. */
export interface Timings {
  /** Tokenizing texts; decoding, resizing and scaling pictures. */
  preprocessing: number;
  inference: number;
}

/** The time, the limits and the measurements of one request, passed to its task. */
export interface Work {
  /** Called between pieces of work that block the thread. */
  readonly checkTime: CheckTime;
  readonly timeLeft: TimeLeft;
  readonly timings: Timings;
  /** Limit of the answer in bytes, as JSON. */
  readonly answerLimit: number;
}

export function newWork(
  checkTime: CheckTime,
  timeLeft: TimeLeft = () => Number.POSITIVE_INFINITY,
  answerLimit: number = Number.POSITIVE_INFINITY,
): Work {
  return { checkTime, timeLeft, timings: { preprocessing: 0, inference: 0 }, answerLimit };
}

/** Runs a step and adds its duration to the timings. */
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
