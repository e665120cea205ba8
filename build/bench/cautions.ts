import type { Figures } from "./figures.ts";
import type { Result } from "./results.ts";

/**
 * Why figures that stand beside each other cannot be compared: times of an architecture that are of several machines, and cells
 * of several locks or versions. Pure.
 * @param results the lines that the figures are of
 */
export function cautions(figures: readonly Figures[], results: readonly Result[]): string[] {
  const runs = new Map(results.map(({ run }) => [run.id, run]));
  const timed = figures.filter(({ warm }) => warm);
  const machines = [...Map.groupBy(timed, ({ machine }) => machine.arch)].flatMap(([arch, same]) => {
    const names = new Set(same.map(({ machine: { cpu, cores } }) => `${cpu} with ${cores} cores`));
    return names.size > 1
      ? [`The times of ${arch} are of several machines, and cannot be compared: ${[...names].join("; ")}.`]
      : [];
  });
  const states = new Set(
    timed.map(({ runId }) => JSON.stringify([runs.get(runId)?.lockDigest, runs.get(runId)?.mkimage])),
  );
  return states.size > 1
    ? [
        ...machines,
        "The cells are of several states of models/lock.json or versions of mkimage: measure all of them again to compare them.",
      ]
    : machines;
}

/** Milliseconds that clocks of two machines may differ by. */
const DAY = 86_400_000;

/** Whether a line has a time that is yet to come: it would count as the newest until then. */
export const isOfFuture = ({ measuredAt }: Result, now: number): boolean =>
  Date.parse(measuredAt) > now + DAY;
