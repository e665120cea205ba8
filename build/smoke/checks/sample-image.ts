import { crc32, deflateSync } from "node:zlib";

const SIDE = 64;

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A PNG of colours that run into each other, for a spec without images of its own. */
export function makePicture(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  // Bits of a colour, and that there are three of them in a pixel.
  header.set([8, 2], 8);
  const row = (y: number) => [
    0,
    ...Array.from({ length: SIDE }, (_, x) => [x * 4, y * 4, 255 - x * 2 - y * 2]).flat(),
  ];
  const rows = Buffer.from(Array.from({ length: SIDE }, (_, y) => row(y)).flat());
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
