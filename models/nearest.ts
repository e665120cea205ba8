/** Longer ones are not compared: no known name is nearly as long. */
const LONGEST = 64;

/**
 * How many insertions, deletions, replacements and swaps of neighbours turn `a` into `b` (optimal string alignment).
 * By hand: well-kept libraries have Levenshtein's distance, by which "amr64" is nearer to "amd64" than to "arm64".
 */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replace = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      const swapped = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
      const swap = swapped ? (before[j - 1] ?? 0) + 1 : replace;
      next.push(Math.min(replace, swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}

/** The known name that was most likely meant, or undefined when none is near enough to be a typing error. */
export function nearest(wrong: string, known: readonly string[]): string | undefined {
  if (wrong.length === 0 || wrong.length > LONGEST) return undefined;
  const lower = wrong.toLowerCase();
  const away = (name: string) => (name.startsWith(lower) ? 0.5 : distance(lower, name.toLowerCase()));
  const [best] = known.map((name) => ({ name, away: away(name) })).sort((a, b) => a.away - b.away);
  // Of a name none of whose letters is right, nothing is near.
  const isNear = best && best.away < wrong.length && best.away <= Math.max(2, wrong.length / 3);
  return isNear ? best.name : undefined;
}
