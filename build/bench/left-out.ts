import { type Keyed, keyOf } from "./figures.ts";
import type { Result } from "./results.ts";

/** What stays interrupted in a run that is gone on with: the cells whose newest line is, and that are not among the asked ones. */
export function leftOut(ofRun: readonly Result[], asked: readonly Keyed[]): Result[] {
  const keys = new Set(asked.map(keyOf));
  return [...Map.groupBy(ofRun, keyOf)].flatMap(([key, lines]) => {
    const newest = lines.at(-1);
    return newest?.interrupted && !keys.has(key) ? [newest] : [];
  });
}
