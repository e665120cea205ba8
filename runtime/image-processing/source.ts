import { allowedObject } from "../request/allowed.ts";
import { BadRequest } from "../request/errors.ts";
import { MAX_FILE, tooLarge } from "./file-limit.ts";

/** A negated search: matching the whole text would store a position for every character of a long text. */
const NOT_BASE64 = /[^\w+/=\s-]/;
const DATA_URI = /^data:[^,]{0,200}?(;base64)?,/i;

/**
 * The file that a request has in base64, as a `data:` URI, or names as `s3://bucket/key` in an allowed bucket.
 * @param field path in the request, for errors
 */
export async function readSource(source: string, field: string): Promise<Uint8Array> {
  if (/^s3:/i.test(source)) {
    const object = allowedObject(source, field);
    // Not in the main bundle: the SDK is larger than everything else, and most callers send the picture itself.
    const { readObject } = await import("./s3.ts");
    return readObject(object, field);
  }
  if (/^\w+:\/\//.test(source)) {
    const scheme = source.slice(0, source.indexOf(":"));
    throw new BadRequest(field, `${scheme} is not fetched; send the picture in base64, or s3://bucket/key`);
  }
  const [prefix = "", encoded] = DATA_URI.exec(source) ?? [];
  if (prefix && !encoded) throw new BadRequest(field, "expected a data: URI in base64");
  if (Buffer.byteLength(source, "base64") > MAX_FILE) throw tooLarge(field);
  const text = source.slice(prefix.length);
  if (NOT_BASE64.test(text)) {
    throw new BadRequest(field, "expected a picture: base64, a data: URI or s3://bucket/key");
  }
  return Buffer.from(text, "base64");
}
