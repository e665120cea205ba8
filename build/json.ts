import type { z } from "zod";
import { UserError } from "./errors.ts";

/**
 * Parses the text of a JSON file.
 * @throws UserError (exit 2) with the file and the parser's position.
 */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(`${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/**
 * The value as the schema describes it, with defaults filled in.
 * @throws UserError (exit 2) that lists every path at fault and what was expected there.
 */
export function checkJson<S extends z.ZodType>(schema: S, value: unknown, file: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(
    (issue) => `  ${issue.path.join(".") || "(top level)"}: ${explain(issue)}`,
  );
  throw new UserError(`${file} is not valid\n${faults.join("\n")}`, {
    hint: "Mend the fields above; docs/configuration.md describes each of them.",
  });
}

/** For a name that a record does not take, what was expected of it. */
function explain(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_key") return issue.message;
  return issue.issues.map(({ message }) => message).join(", ");
}

/** JSON as committed files have it: two spaces, a final newline, keys in the order given. */
export const stringify = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
