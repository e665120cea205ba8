interface Jpeg {
  readonly width: number;
  readonly height: number;
  /** Passes over the whole picture. */
  readonly scans: number;
}

/** A marker segment: its code and its content. */
function segment(code: number, ...content: number[]): Buffer {
  const length = content.length + 2;
  return Buffer.from([0xff, code, length >> 8, length & 0xff, ...content]);
}

const [SOI, EOI] = [Buffer.from([0xff, 0xd8]), Buffer.from([0xff, 0xd9])];

/** A grey progressive JPEG whose scans have no data, which decoders fill with zeros: https://www.w3.org/Graphics/JPEG/itu-t81.pdf */
export function jpeg({ width, height, scans }: Jpeg): Buffer {
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff];
  // One code of one bit: for a difference of no bits, and for the end of a block.
  const table = [1, ...Array<number>(15).fill(0), 0];
  const first = segment(0xda, 1, 1, 0x00, 0, 0, 0x00);
  const refined = segment(0xda, 1, 1, 0x00, 1, 63, 0x00);
  return Buffer.concat([
    SOI,
    segment(0xdb, 0, ...Array<number>(64).fill(1)),
    segment(0xc2, 8, ...size, 1, 1, 0x11, 0),
    segment(0xc4, 0x00, ...table),
    segment(0xc4, 0x10, ...table),
    first,
    Buffer.from([0x00]),
    ...Array.from({ length: scans - 1 }, () => Buffer.concat([refined, Buffer.from([0x00])])),
    EOI,
  ]);
}
