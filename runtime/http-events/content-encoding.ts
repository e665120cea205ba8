import { BadRequest } from "../request/errors.ts";

type Unpack = (body: Buffer, options: { readonly maxOutputLength: number }) => Buffer;

/** How a body is unpacked, by its content coding (RFC 9110, 8.4.1). zlib is loaded for those that need it. */
const CODINGS: Readonly<Record<string, () => Unpack>> = {
  gzip: () => zlib().gunzipSync,
  "x-gzip": () => zlib().gunzipSync,
  deflate: () => inflate,
  br: () => zlib().brotliDecompressSync,
  zstd: () => zlib().zstdDecompressSync,
};

/** What callers are told that they may send. */
export const ACCEPTED = "gzip, deflate, br, zstd";

const zlib = () => process.getBuiltinModule("node:zlib");

/** The coding means a zlib stream; some clients send it without zlib's two bytes, whose first says 8 for the method. */
const inflate: Unpack = (body, options) => {
  const wrapped = body.length > 1 && ((body[0] ?? 0) & 15) === 8 && body.readUInt16BE(0) % 31 === 0;
  return wrapped ? zlib().inflateSync(body, options) : zlib().inflateRawSync(body, options);
};

/**
 * A body without its content coding.
 * @param most bytes that it may have unpacked; no more are made
 * @throws BadRequest 415 for a coding that is not known, 413 for a body that is too large, 400 for a damaged one
 */
export function unpacked(body: Buffer, coding: string | undefined, most: number): Buffer {
  const name = coding?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity") return body;
  const unpack = Object.hasOwn(CODINGS, name) ? CODINGS[name]?.() : undefined;
  if (!unpack) throw new BadRequest("content-encoding", `"${name}" is not taken; send ${ACCEPTED}`, 415);
  try {
    return unpack(body, { maxOutputLength: most });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE")
      throw new BadRequest("body", `unpacked it has more than the ${most} bytes that are allowed`, 413);
    throw new BadRequest("body", `not ${name} as content-encoding says (${message})`);
  }
}
