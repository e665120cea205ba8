import { UserError } from "./errors.ts";

/** Number of single-character insertions, deletions and replacements that turn `a` into `b` (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replace = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(replace, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
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
