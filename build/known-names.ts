import { nearest } from "../models/nearest.ts";
import { UserError } from "./errors.ts";

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
