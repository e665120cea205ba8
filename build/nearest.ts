import { UserError } from "./errors.ts";

/** How many insertions, deletions, replacements and swaps of neighbours turn `a` into `b` (optimal string alignment). */
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
  const lower = wrong.toLowerCase();
  const ranked = known
    .map((name) => ({ name, away: name.startsWith(lower) ? 0.5 : distance(lower, name.toLowerCase()) }))
    .sort((a, b) => a.away - b.away);
  const best = ranked[0];
  return best && best.away <= Math.max(2, wrong.length / 3) ? best.name : undefined;
}

/** The error for a name that a table does not have: says the nearest one, then all of them. */
export function unknownName(kind: string, wrong: string, known: readonly string[]): UserError {
  const near = nearest(wrong, known);
  const all = known.length > 0 ? `Known: ${known.join(", ")}.` : "None is known.";
  return new UserError(`Unknown ${kind} "${wrong}"`, { hint: near ? `Did you mean "${near}"? ${all}` : all });
}

/**
 * The given name as a member of the table.
 * @throws UserError (exit 2) naming the nearest member.
 */
export function oneOf<T extends string>(kind: string, name: string, known: readonly T[]): T {
  const found = known.find((each) => each === name);
  if (found === undefined) throw unknownName(kind, name, known);
  return found;
}
