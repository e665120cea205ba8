import type { TextOrPair } from "../tokenizer/types.ts";
import { BadRequest } from "./errors.ts";
import { isRecord } from "./record.ts";
import { objectAddress } from "./s3-event.ts";

export interface Items<T> {
  readonly items: readonly T[];
  /** Whether the caller sent one item that is not in a list, and so gets one result. */
  readonly single: boolean;
  /** Path of an item in the request, for errors. */
  readonly fieldOf: (index: number) => string;
}

/**
 * @param read returns the item, or throws for the wrong field
 */
function readItems<T>(inputs: unknown, read: (value: unknown, field: string) => T): Items<T> {
  if (!Array.isArray(inputs))
    return { items: [read(inputs, "inputs")], single: true, fieldOf: () => "inputs" };
  if (inputs.length === 0) throw new BadRequest("inputs", "the list is empty");
  const fieldOf = (index: number) => `inputs[${index}]`;
  return { items: inputs.map((value, i) => read(value, fieldOf(i))), single: false, fieldOf };
}

export function readTexts(inputs: unknown): Items<string> {
  return readItems(inputs, (value, field) => {
    if (typeof value === "string") return value;
    throw new BadRequest(
      field,
      field === "inputs" ? "expected a text or a list of texts" : "expected a text",
    );
  });
}

/** One text or pair, or a list of them. A pair is `{"text": …, "text_pair": …}`; a list of two texts is two texts. */
export function readTextsOrPairs(inputs: unknown): Items<TextOrPair> {
  return readItems(inputs, (value, field) => {
    if (typeof value === "string") return value;
    if (Array.isArray(value)) throw new BadRequest(field, `expected ${PAIR}; a list is not a pair`);
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

/** One picture or a list of them, each as a string that contains or names it, or as a record of an S3 event. */
export function readPictures(inputs: unknown): Items<string> {
  return readItems(inputs, (value, field) => {
    const picture = typeof value === "string" ? value : objectAddress(value, field);
    if (picture !== undefined) return picture;
    const several = field === "inputs" ? ", or a list of them" : "";
    throw new BadRequest(field, `expected a picture: base64, a data: URI or s3://bucket/key${several}`);
  });
}

/** One object or a list of them, each with exactly the given fields. */
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
