import { isUtf8 } from "node:buffer";
import { BadRequest } from "../request/errors.ts";
import { parseJson } from "../request/json.ts";
import { unpacked } from "./content-encoding.ts";
import type { HttpRequest } from "./event.ts";

/** Lambda's limit of an event, in bytes. A body in base64 is larger than its content, a compressed one smaller. */
const MAX_BODY = 6 * 1024 * 1024;

/** Readers by content type; the first match is used. A file may come without a content type. */
const READERS: readonly (readonly [RegExp, (body: Buffer, type: string) => unknown])[] = [
  [/^text\/plain/, (body, type) => ({ inputs: textOf(body, type) })],
  [/^(image\/|application\/octet-stream)/, (body) => ({ inputs: body.toString("base64") })],
  [
    /^($|application\/([\w.-]+\+)?json|application\/x-www-form-urlencoded|text\/)/,
    (body, type) => parseJson(textOf(body, type), "body"),
  ],
];

/**
 * The request in a body: JSON, unless the content type says otherwise. curl's default content type counts as JSON. So
 * does a missing one, unless the body is not text: huggingface_hub sends the bytes of a file without one. A plain text
 * or a picture becomes `inputs`.
 */
export function readBody({
  body: sent,
  coding,
  header,
}: Pick<HttpRequest, "body" | "coding" | "header">): unknown {
  if (sent.length > MAX_BODY)
    throw new BadRequest("body", `${sent.length} bytes, and at most ${MAX_BODY} are allowed`, 413);
  const body = sent.length === 0 ? sent : unpacked(sent, coding, MAX_BODY);
  if (body.length === 0) throw new BadRequest("body", "missing; send JSON with `inputs`");
  const said = header("content-type")?.trim().toLowerCase() ?? "";
  const type = said === "" && !isUtf8(body) ? "application/octet-stream" : said;
  const [, read] = READERS.find(([pattern]) => pattern.test(type)) ?? [];
  if (!read) throw new BadRequest("content-type", `"${type}" is not supported; send application/json`, 415);
  return read(body, type);
}

/**
 * The text in a body, without the byte order mark that some editors and shells add: UTF-8 unless the content type has a
 * charset. Invalid bytes are refused, not replaced: the answer would be to another text.
 */
function textOf(body: Buffer, type: string): string {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/.exec(type)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset, { fatal: true }).decode(body);
  } catch (error) {
    if (error instanceof RangeError)
      throw new BadRequest("content-type", `charset "${charset}" is not supported; send UTF-8`, 415);
    throw new BadRequest("body", `not text in ${charset}; send UTF-8, or name the charset in content-type`);
  }
}
