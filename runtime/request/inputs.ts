import type { TextOrPair } from "../tokenizer/types.ts";
import { BadRequest } from "./errors.ts";
import { isRecord } from "./record.ts";
import { objectAddress } from "./s3-event.ts";

/** What `inputs` holds: one thing to work on, or a list of them. */
export interface Items<T> {
  readonly items: readonly T[];
  /** The caller gave one alone, and so expects one result, not a list. */
  readonly single: boolean;
  /** Path of one in the request, for errors. */
  readonly fieldOf: (index: number) => string;
}

/**
 * Reads `inputs` as one item or a list of items.
 * @param read gives the item, or throws for the field at fault
 */
function readItems<T>(inputs: unknown, read: (value: unknown, field: string) => T): Items<T> {
  if (!Array.isArray(inputs))
    return { items: [read(inputs, "inputs")], single: true, fieldOf: () => "inputs" };
  if (inputs.length === 0) throw new BadRequest("inputs", "the list is empty");
  const fieldOf = (index: number) => `inputs[${index}]`;
  return { items: inputs.map((value, i) => read(value, fieldOf(i))), single: false, fieldOf };
}

/** One text or a list of texts. */
export function readTexts(inputs: unknown): Items<string> {
  return readItems(inputs, (value, field) => {
    if (typeof value === "string") return value;
    throw new BadRequest(
      field,
      field === "inputs" ? "expected a text or a list of texts" : "expected a text",
    );
  });
}

/** One text or pair of texts, or a list of them; a pair is `{"text": …, "text_pair": …}`, and a list of two texts two texts. */
export function readTextsOrPairs(inputs: unknown): Items<TextOrPair> {
  return readItems(inputs, (value, field) => {
    if (typeof value === "string") return value;
    if (Array.isArray(value)) throw new BadRequest(field, `expected ${PAIR}; a list is not taken for a pair`);
    if (!isRecord(value))
      throw new BadRequest(
        field,
        field === "inputs" ? `expected ${PAIR}, or a list of them` : `expected ${PAIR}`,
      );
    const { text, text_pair: second, ...others } = value;
    const [odd] = Object.keys(others);
    if (odd !== undefined) throw new BadRequest(`${field}.${odd}`, "unknown; expected {text, text_pair}");
    checkField(text, "text", `${field}.text`);
    if (second === undefined || second === null) return text as string;
    checkField(second, "text", `${field}.text_pair`);
    return [text as string, second as string];
  });
}

const PAIR = "a text, or a pair {text, text_pair}";

/** One picture or a list of pictures, each as a text that holds or names it, or a record of an S3 event. */
export function readPictures(inputs: unknown): Items<string> {
  return readItems(inputs, (value, field) => {
    const picture = typeof value === "string" ? value : objectAddress(value, field);
    if (picture !== undefined) return picture;
    const several = field === "inputs" ? ", or a list of them" : "";
    throw new BadRequest(field, `expected a picture: base64, a data: URI or s3://bucket/key${several}`);
  });
}

/** One object or a list of objects, each with just the given fields. */
export function readObjects<const Fields extends Readonly<Record<string, "text" | "texts">>>(
  inputs: unknown,
  fields: Fields,
): Items<{ [Name in keyof Fields]: Fields[Name] extends "text" ? string : readonly string[] }> {
  const shape = `{${Object.keys(fields).join(", ")}}`;
  type Item = { [Name in keyof Fields]: Fields[Name] extends "text" ? string : readonly string[] };
  return readItems(inputs, (value, at) => {
    if (!isRecord(value)) throw new BadRequest(at, `expected an object ${shape}`);
    const odd = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
    if (odd !== undefined) throw new BadRequest(`${at}.${odd}`, `unknown; expected ${shape}`);
    for (const [name, kind] of Object.entries(fields)) {
      checkField((value as Record<string, unknown>)[name], kind, `${at}.${name}`);
    }
    return value as Item;
  });
}

function checkField(value: unknown, kind: "text" | "texts", field: string): void {
  if (value === undefined || value === null) throw new BadRequest(field, "missing");
  if (kind === "text") {
    if (typeof value !== "string") throw new BadRequest(field, "expected a text");
    return;
  }
  if (!Array.isArray(value)) throw new BadRequest(field, "expected a list of texts");
  if (value.length === 0) throw new BadRequest(field, "the list is empty");
  const odd = value.findIndex((item) => typeof item !== "string");
  if (odd >= 0) throw new BadRequest(`${field}[${odd}]`, "expected a text");
}
