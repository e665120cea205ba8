import { isUtf8 } from "node:buffer";
import { BadRequest } from "../request/errors.ts";
import { parseJson } from "../request/json.ts";
import { unpacked } from "./content-encoding.ts";
import type { HttpRequest } from "./event.ts";

/** Bytes that Lambda hands over in an event at most; a body in base64 is larger on its way, a compressed one smaller. */
const MAX_BODY = 6 * 1024 * 1024;

/** How a body becomes a request, by its content type; the first that fits. A file may come without any. */
const READERS: readonly (readonly [RegExp, (body: Buffer, type: string) => unknown])[] = [
  [/^text\/plain/, (body, type) => ({ inputs: textOf(body, type) })],
  [/^(image\/|application\/octet-stream)/, (body) => ({ inputs: body.toString("base64") })],
  [
    /^($|application\/([\w.-]+\+)?json|application\/x-www-form-urlencoded|text\/)/,
    (body, type) => parseJson(textOf(body, type), "body"),
  ],
];

/**
 * The request in a body: JSON unless the content type says otherwise. What curl sends without being told, and no
 * content type at all, count as JSON, unless it is no text: huggingface_hub sends a file's bytes as they are. A plain text
 * or an image is taken for `inputs`.
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
  if (!read) throw new BadRequest("content-type", `"${type}" is not taken; send application/json`, 415);
  return read(body, type);
}

/**
 * The text in a body, without the byte order mark that some editors and shells put before it: UTF-8 unless the content type
 * says otherwise. Nothing is put in place of bytes that are none: the answer would be to another text.
 */
function textOf(body: Buffer, type: string): string {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/.exec(type)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset, { fatal: true }).decode(body);
  } catch (error) {
    if (error instanceof RangeError)
      throw new BadRequest("content-type", `charset "${charset}" is not taken; send UTF-8`, 415);
    throw new BadRequest("body", `not text in ${charset}; send UTF-8, or say the charset in content-type`);
  }
}
