import { createReadStream } from "node:fs";
import { buffer } from "node:stream/consumers";
import { UserError } from "../errors.ts";
import { formatBytes } from "../output.ts";

/** Bytes of what is read into memory: a hub's answer, a configuration, a vocabulary. Gemma's tokenizer.json has 34 MB. */
export const TEXT_LIMIT = 128e6;
/** Bytes of a model's file: Lambda takes no image above 10 GB. */
const FILE_LIMIT = 10e9;
/** Milliseconds that a server may take for an answer, or for the next piece of a file. */
export const ANSWER_TIME = 60_000;

/** The most bytes that a file may have, by its path. */
export const limitOf = (path: string): number =>
  /\.(?:jinja|json|txt)$/.test(path) ? TEXT_LIMIT : FILE_LIMIT;

/** The error (exit 2) for something that is larger than its limit. */
export const tooLarge = (what: string, limit: number): UserError =>
  new UserError(`${what} is larger than ${formatBytes(limit)}, the most that mkimage takes of it`, {
    hint: "Check that it is the right file or server.",
  });

/** A stream as it comes, up to the limit. @throws UserError (exit 2) where there is more */
export async function* upTo(
  stream: AsyncIterable<Uint8Array>,
  { what, limit }: { readonly what: string; readonly limit: number },
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > limit) throw tooLarge(what, limit);
    yield chunk;
  }
}

/** The text of a file. @throws UserError (exit 2) for one above TEXT_LIMIT */
export async function readText(path: string, what = path): Promise<string> {
  const stream = upTo(createReadStream(path), { what, limit: TEXT_LIMIT });
  return (await buffer(stream)).toString("utf8");
}
