import { printParseErrorCode, stripComments, visit } from "jsonc-parser";
import type { z } from "zod";
import { UserError } from "../errors.ts";
import { isPointer, pointerFault } from "./git-lfs.ts";
import { explainIssues } from "./json-issues.ts";
import { readText } from "./limits.ts";
import { systemFault } from "./system-fault.ts";

/** What some editors put before a text to say how it is encoded. */
const BYTE_ORDER_MARK = /^\uFEFF/;

/** A text without the byte order mark that some editors put before it. */
export const withoutMark = (text: string): string => text.replace(BYTE_ORDER_MARK, "");

const STRICT = { disallowComments: true, allowTrailingComma: false };

const at = (line: number, column: number) => `line ${line + 1}, column ${column + 1}`;

/** What is wrong with a text, and where: without a piece of the text, which may be a secret. */
function syntaxFault(text: string): string {
  const faults: string[] = [];
  const onError = (code: number, _offset: number, _length: number, line: number, column: number) =>
    faults.push(`${printParseErrorCode(code)} at ${at(line, column)}`);
  visit(text, { onError }, STRICT);
  return faults[0] ?? "it cannot be read";
}

/** Levels of lists and objects. Files of models and projects have about ten; recursive readers take some thousands. */
const MOST_LEVELS = 500;

/** @throws UserError (exit 2) for a text whose lists and objects are nested deeper than MOST_LEVELS */
function refuseDeep(text: string, file: string): void {
  let levels = 0;
  for (const [sign] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/gs)) {
    if (sign === "[" || sign === "{") levels += 1;
    if (sign === "]" || sign === "}") levels -= 1;
    if (levels > MOST_LEVELS)
      throw new UserError(`${file} has lists or objects nested deeper than ${MOST_LEVELS} levels`, {
        hint: "Check that it is the right file or server.",
      });
  }
}

/**
 * Parses the text of a JSON file, with or without a byte order mark.
 * @throws UserError (exit 2) with the file and the place in it, and for one that is nested too deep.
 */
export function parseJson(text: string, file: string): unknown {
  refuseDeep(text, file);
  try {
    return JSON.parse(withoutMark(text));
  } catch (cause) {
    if (isPointer(text)) throw pointerFault(file);
    // Two bytes that are no UTF-8, then a zero for every other letter.
    const hint = /^\uFFFD\uFFFD|^.?\0/.test(text) ? "It looks like UTF-16: save it as UTF-8." : undefined;
    throw new UserError(`${file} is not JSON: ${syntaxFault(withoutMark(text))}`, {
      cause,
      ...(hint && { hint }),
    });
  }
}

/** The same for a file that people write: it may have comments. */
export const parseJsonc = (text: string, file: string): unknown => parseJson(stripComments(text, " "), file);

/**
 * Refuses what JSON.parse takes in silence: a name that is there twice, of which the last one counts, and `__proto__`,
 * which schemas pass over.
 */
function refuseOddNames(text: string, file: string): void {
  const objects: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void objects.push(new Set()),
    onObjectEnd: () => void objects.pop(),
    onObjectProperty(name, _offset, _length, line, column) {
      const names = objects.at(-1);
      if (name !== "__proto__" && !names?.has(name)) return void names?.add(name);
      const problem = name === "__proto__" ? "which is reserved" : "a second time in one object";
      throw new UserError(`${file} has the name "${name}" at ${at(line, column)}, ${problem}`, {
        hint: "Remove it, or give it another name.",
      });
    },
  });
}

/**
 * A file of the project as the schema describes it; undefined when it is not there.
 * @throws UserError (exit 2) with the file, and the place in it or every path at fault.
 */
export async function readProjectJson<S extends z.ZodType>(
  schema: S,
  file: string,
): Promise<z.output<S> | undefined> {
  const text = await readText(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    if (cause instanceof UserError) throw cause;
    throw new UserError(`Cannot read ${file}: ${systemFault(cause)}`, { cause });
  });
  if (text === undefined) return undefined;
  const value = parseJsonc(text, file);
  refuseOddNames(withoutMark(text), file);
  return checkJson(schema, value, file);
}

/**
 * The value as the schema describes it, with defaults filled in.
 * @throws UserError (exit 2) that lists every path at fault and what was expected there.
 */
export function checkJson<S extends z.ZodType>(schema: S, value: unknown, file: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = explainIssues(result.error.issues, { schema, value }).map((fault) => `  ${fault}`);
  throw new UserError(`${file} is not valid\n${faults.join("\n")}`, {
    hint: "Fix the fields above; docs/configuration.md describes each of them.",
  });
}

/** JSON as committed files have it: two spaces, a final newline, keys in the order given. */
export const stringify = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
