import { UserError } from "../errors.ts";
import { keyOf } from "./figures.ts";
import type { Result } from "./results.ts";
import { type Estimate, estimateQuantiles } from "./statistics.ts";

/** A median that is slower than it was, beyond both intervals. */
export interface Regression {
  readonly key: string;
  readonly what: "warm" | "cold";
  readonly before: Estimate;
  readonly now: Estimate;
}

const isTimed = ({ status, emulated }: Result): boolean => status === "measured" && !emulated;

const samplesOf = (result: Result, what: Regression["what"]): readonly number[] =>
  (what === "warm" ? result.warm?.samples : result.cold?.total) ?? [];

/**
 * The lines of an earlier run.
 * @param against `last`, or the id of a run
 * @throws UserError (exit 2) when there is no such run
 */
export function earlierRun(results: readonly Result[], against: string): Result[] {
  const timed = results.filter(isTimed);
  const id = against === "last" ? timed.at(-1)?.run.id : against;
  const found = timed.filter(({ run }) => run.id === id);
  if (found.length > 0) return found;
  const ids = [...new Set(timed.map(({ run }) => run.id))];
  throw new UserError(`There is no earlier run "${against}" to compare with`, {
    hint: ids.length > 0 ? `Known: last, ${ids.join(", ")}.` : "Measure once without --against.",
  });
}

/** What of the new results is slower than in an earlier run: its interval lies above the earlier one. Pure. */
export function regressions(earlier: readonly Result[], now: readonly Result[]): Regression[] {
  return now.filter(isTimed).flatMap((result) => {
    const before = earlier.find((each) => keyOf(each) === keyOf(result));
    if (!before) return [];
    return (["warm", "cold"] as const).flatMap((what) => {
      const [old, fresh] = [samplesOf(before, what), samplesOf(result, what)];
      if (old.length === 0 || fresh.length === 0) return [];
      const [[was], [is]] = [estimateQuantiles(old, [0.5]), estimateQuantiles(fresh, [0.5])] as [
        [Estimate],
        [Estimate],
      ];
      return is.low > was.high ? [{ key: keyOf(result), what, before: was, now: is }] : [];
    });
  });
}
