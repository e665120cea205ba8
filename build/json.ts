import type { z } from "zod";
import { UserError } from "./errors.ts";
import { isPointer, pointerFault } from "./git-lfs.ts";

/** What some editors put before a text to say how it is encoded. */
const BYTE_ORDER_MARK = /^\uFEFF/;

/** A text without the byte order mark that some editors put before it. */
export const withoutMark = (text: string): string => text.replace(BYTE_ORDER_MARK, "");

/**
 * Parses the text of a JSON file, with or without a byte order mark.
 * @throws UserError (exit 2) with the file and the parser's position.
 */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(withoutMark(text));
  } catch (cause) {
    if (isPointer(text)) throw pointerFault(file);
    // Two bytes that are no UTF-8, then a zero for every other letter.
    const hint = /^\uFFFD\uFFFD|^.?\0/.test(text) ? "It looks like UTF-16: save it as UTF-8." : undefined;
    throw new UserError(`${file} is not JSON: ${(cause as Error).message}`, { cause, ...(hint && { hint }) });
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
