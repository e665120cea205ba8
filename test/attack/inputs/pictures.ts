import { deflateSync } from "node:zlib";
import { fill, type Input, inputsFor, times } from "./input.ts";
import { jpeg } from "./jpeg.ts";
import { png } from "./png.ts";

const pictured = (file: () => Uint8Array) => () => ({ inputs: Buffer.from(file()).toString("base64") });

/** A GIF of one pixel on a screen of the largest size, with frames that add nothing. */
function gif(frames: number): Buffer {
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  const head = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
  return Buffer.concat([Buffer.from("GIF89a"), head, ...times(frames, frame), Buffer.from([0x3b])]);
}

/** A TIFF whose directories point to each other. */
function tiffCircle(): Buffer {
  const file = Buffer.alloc(200);
  file.write("II*\0", 0, "latin1");
  file.writeUInt32LE(8, 4);
  const tags = [
    ...([
      [256, 60_000],
      [257, 60_000],
      [258, 1],
      [259, 1],
      [262, 1],
      [273, 8],
      [277, 1],
    ] as const),
    ...([
      [278, 60_000],
      [279, 450_000_000],
    ] as const),
  ];
  file.writeUInt16LE(tags.length, 8);
  for (const [i, [tag, value]] of tags.entries()) {
    const at = 10 + i * 12;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(4, at + 2);
    file.writeUInt32LE(1, at + 4);
    file.writeUInt32LE(value, at + 8);
  }
  file.writeUInt32LE(8, 10 + tags.length * 12);
  return file;
}

/** A WebP without loss whose header says 16,383 × 16,383, and no pixels. */
function webp(): Buffer {
  const file = Buffer.alloc(30);
  file.write("RIFF", 0);
  file.writeUInt32LE(22, 4);
  file.write("WEBPVP8L", 8);
  file.writeUInt32LE(10, 16);
  file.set([0x2f, 0xff, 0xff, 0xff, 0x0f], 20);
  return file;
}

/** A text or profile chunk that unpacks to a thousand times its size. */
const bomb = (head: string, megabytes: number) =>
  Buffer.concat([Buffer.from(head, "latin1"), deflateSync(Buffer.alloc(megabytes * 2 ** 20), { level: 9 })]);

const LAUGHS = `<!DOCTYPE l [<!ENTITY a "${"ha".repeat(50)}">${Array.from(
  { length: 9 },
  (_, i) => `<!ENTITY ${"bcdefghij"[i]} "${`&${"abcdefghi"[i]};`.repeat(10)}">`,
).join("")}]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&j;</text></svg>`;

const tiny = () => png({ width: 1, height: 1 }).toString("base64");

/** What callers may send to image-classification. */
export const PICTURES: readonly Input[] = inputsFor("vit", {
  "a PNG of 50,000,000 × 1 in 65 kB": {
    memory: 1769,
    event: pictured(() => png({ width: 50_000_000, height: 1 })),
  },
  "a PNG of 65,535 × 1": pictured(() => png({ width: 65_535, height: 1 })),
  "a PNG of 1 × 65,535": pictured(() => png({ width: 1, height: 65_535 })),
  "a PNG of 65,535 × 240, RGBA, 16 bits": pictured(() =>
    png({ width: 65_535, height: 240, colour: "rgba", depth: 16 }),
  ),
  "a PNG of the most pixels for 512 MB": pictured(() =>
    png({ width: 4096, height: 4095, colour: "rgba", depth: 16 }),
  ),
  "the same, interlaced": pictured(() =>
    png({ width: 4096, height: 4095, colour: "rgba", depth: 16, interlaced: true }),
  ),
  "a PNG of 7,900 × 7,900 in one bit, 1769 MB": {
    memory: 1769,
    event: pictured(() => png({ width: 7600, height: 7600, depth: 1 })),
  },
  "a PNG of 30,000 × 30,000": pictured(() => png({ width: 30_000, height: 30_000, rows: 100 })),
  "a PNG whose pixels are missing": pictured(() => png({ width: 4000, height: 4000, rows: 0 })),
  "a PNG whose texts unpack to 2 GB": pictured(() => {
    const text = bomb("k\0\0", 100);
    return png({ width: 9, height: 9, chunks: times(20, ["zTXt", text] as const) });
  }),
  "a PNG whose colour profile unpacks to 1 GB": pictured(() =>
    png({ width: 9, height: 9, chunks: [["iCCP", bomb("p\0\0", 1000)]] }),
  ),
  "a JPEG of 60,000 scans": pictured(() => jpeg({ width: 64, height: 64, scans: 60_000 })),
  "a JPEG of 60,000 scans, 2,000 × 2,000": pictured(() => jpeg({ width: 2000, height: 2000, scans: 60_000 })),
  "a JPEG of 100 scans, 4,000 × 4,000": pictured(() => jpeg({ width: 4000, height: 4000, scans: 100 })),
  "a JPEG of 65,500 × 65,500": pictured(() => jpeg({ width: 65_500, height: 65_500, scans: 1 })),
  "a GIF of 65,535 × 65,535": pictured(() => gif(1)),
  "a GIF of 250,000 frames": pictured(() => gif(250_000)),
  "a TIFF of 60,000 × 60,000 that points to itself": pictured(tiffCircle),
  "a WebP of 16,383 × 16,383": pictured(webp),
  "an SVG that says ha a thousand million times": pictured(() => Buffer.from(LAUGHS)),
  "4 MB that are no picture": pictured(() => Buffer.alloc(4_000_000, 7)),
  "60,000 tiny pictures": () => ({ inputs: times(60_000, tiny()) }),
  "200 pictures of 4,000 × 4,000": () => {
    const large = png({ width: 4000, height: 4000 }).toString("base64");
    return { inputs: times(200, large) };
  },
  "a data: URI with 5 MB before its comma": () => ({ inputs: `data:${fill("a", 5_000_000)},` }),
  "6 MB of blanks": () => ({ inputs: fill(" ") }),
  "a classification of every class, a million times": () => ({
    inputs: tiny(),
    parameters: { top_k: Number.MAX_SAFE_INTEGER },
  }),
  "eight slots with the most pixels each": {
    memory: 1024,
    slots: 8,
    event: pictured(() => png({ width: 2047, height: 2047, colour: "rgba", depth: 16 })),
  },
  "eight slots with a picture of 16 million pixels each": {
    memory: 1024,
    slots: 8,
    event: pictured(() => png({ width: 4096, height: 4000, colour: "rgb" })),
  },
});
