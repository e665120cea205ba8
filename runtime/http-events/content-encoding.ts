import { BadRequest } from "../request/errors.ts";

type Unpack = (body: Buffer, options: { readonly maxOutputLength: number }) => Buffer;

/** Decoders by content coding (RFC 9110, 8.4.1). zlib is loaded when it is needed. */
const CODINGS: Readonly<Record<string, () => Unpack>> = {
  gzip: () => zlib().gunzipSync,
  "x-gzip": () => zlib().gunzipSync,
  deflate: () => inflate,
  br: () => zlib().brotliDecompressSync,
  zstd: () => zlib().zstdDecompressSync,
};

export const ACCEPTED = "gzip, deflate, br, zstd";

const zlib = () => process.getBuiltinModule("node:zlib");

/**
 * `deflate` means a zlib stream (RFC 9110, 8.4.1.2). Some clients omit its header of two bytes, which has 8 (the
 * method) in the first one.
 */
const inflate: Unpack = (body, options) => {
  const wrapped = body.length > 1 && ((body[0] ?? 0) & 15) === 8 && body.readUInt16BE(0) % 31 === 0;
  return wrapped ? zlib().inflateSync(body, options) : zlib().inflateRawSync(body, options);
};

/**
 * Decompresses a body.
 * @param most limit of the decompressed body in bytes; decompression stops there
 * @throws BadRequest 415 for an unknown coding, 413 for a body that is too large, 400 for a damaged one
 */
export function unpacked(body: Buffer, coding: string | undefined, most: number): Buffer {
  const name = coding?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity") return body;
  const unpack = Object.hasOwn(CODINGS, name) ? CODINGS[name]?.() : undefined;
  if (!unpack) throw new BadRequest("content-encoding", `"${name}" is not supported; send ${ACCEPTED}`, 415);
  try {
    return unpack(body, { maxOutputLength: most });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE")
      throw new BadRequest("body", `decompressed, it has more than the ${most} bytes that are allowed`, 413);
    throw new BadRequest("body", `not ${name}, which content-encoding names (${message})`);
  }
}
