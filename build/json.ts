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

/** What zod says of a value, in the words of JSON, which has no records and nothing undefined. */
function explain(issue: z.core.$ZodIssue): string {
  // For a name that a table does not take, what was expected of it.
  if (issue.code === "invalid_key") return issue.issues.map(({ message }) => message).join(", ");
  if (issue.code !== "invalid_type") return issue.message;
  const message = issue.message.replace("expected record", "expected object");
  return message.replace(/^Invalid input: (.*), received undefined$/, "missing: $1");
}

/** JSON as committed files have it: two spaces, a final newline, keys in the order given. */
export const stringify = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
