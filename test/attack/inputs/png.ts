import { crc32, deflateSync } from "node:zlib";

interface Png {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample; default: 8. */
  readonly depth?: 1 | 8 | 16;
  readonly colour?: "grey" | "rgb" | "rgba";
  readonly interlaced?: boolean;
  /** Chunks between the header and the pixels, by their types. */
  readonly chunks?: readonly (readonly [type: string, data: Uint8Array])[];
  /** Rows that are there; default: all. */
  readonly rows?: number;
}

const COLOURS = {
  grey: { code: 0, samples: 1 },
  rgb: { code: 2, samples: 3 },
  rgba: { code: 6, samples: 4 },
};
const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

/** A black PNG as small as it can be: https://www.w3.org/TR/png-3/ */
export function png({ width, height, depth = 8, colour = "grey", ...rest }: Png): Buffer {
  const { interlaced = false, chunks = [], rows = height } = rest;
  const { code, samples } = COLOURS[colour];
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([depth, code, 0, 0, Number(interlaced)], 8);
  const row = 1 + Math.ceil((width * samples * depth) / 8);
  // Adam7's seven passes have an eighth more filter bytes and rounding than the plain rows; more is not read.
  const pixels = Buffer.alloc(Math.ceil(rows * row * (interlaced ? 1.2 : 1)) + (interlaced ? 1000 : 0));
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", head),
    ...chunks.map(([type, data]) => chunk(type, data)),
    chunk("IDAT", deflateSync(pixels, { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
