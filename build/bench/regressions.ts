import { UserError } from "../errors.ts";
import { type Keyed, keyOf } from "./figures.ts";
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

/** The median of a line; undefined where it has none. */
function medianOf({ warm, cold }: Result, what: Regression["what"]): Estimate | undefined {
  const { values, rounds } =
    what === "warm"
      ? { values: warm?.samples, rounds: warm?.rounds }
      : { values: cold?.total, rounds: cold?.rounds };
  return values?.length ? estimateQuantiles(values, [0.5], { rounds })[0] : undefined;
}

/**
 * The lines of an earlier run that can be compared with what is measured now.
 * @param against `last`, the last run that has one of them, or the id of a run
 * @param items what is measured now
 * @throws UserError (exit 2) when there is no such run
 */
export function earlierRun(results: readonly Result[], against: string, items: readonly Keyed[]): Result[] {
  const keys = new Set(items.map(keyOf));
  const timed = results.filter(isTimed);
  const comparable = timed.filter((each) => keys.has(keyOf(each)));
  const id = against === "last" ? comparable.at(-1)?.run.id : against;
  const found = comparable.filter(({ run }) => run.id === id);
  if (found.length > 0) return found;
  const ids = [...new Set(comparable.map(({ run }) => run.id))];
  const isThere = timed.some(({ run }) => against === "last" || run.id === id);
  throw new UserError(
    isThere
      ? `--against ${against}: nothing that is measured now was measured then`
      : `There is no earlier run "${against}" to compare with`,
    { hint: ids.length > 0 ? `Known: last, ${ids.join(", ")}.` : "Measure once without --against." },
  );
}

/** What of the new results is slower than in an earlier run: its interval lies above the earlier one. Pure. */
export function regressions(earlier: readonly Result[], now: readonly Result[]): Regression[] {
  return now.filter(isTimed).flatMap((result) => {
    const before = earlier.findLast((each) => keyOf(each) === keyOf(result));
    if (!before) return [];
    return (["warm", "cold"] as const).flatMap((what) => {
      const [was, is] = [medianOf(before, what), medianOf(result, what)];
      return was && is && is.low > was.high ? [{ key: keyOf(result), what, before: was, now: is }] : [];
    });
  });
}
