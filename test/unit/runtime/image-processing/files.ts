import { loadSharp } from "../../../../runtime/image-processing/decode.ts";

/** sharp as the runtime loads it, which encodes as well. */
export const sharp = await loadSharp(1);

/** Two rows: red, green, blue and white, grey, black. */
export const COLOURS = [
  [255, 0, 0, 0, 255, 0, 0, 0, 255],
  [255, 255, 255, 128, 128, 128, 0, 0, 0],
];
const raw = { width: 3, height: 2, channels: 3 } as const;

/** The same as an image that can still be encoded in any way. */
export const colours = () => sharp(Uint8Array.from(COLOURS.flat()), { raw });

/** An image of one colour. */
export const plain = (width: number, height: number, background = "teal") =>
  sharp({ create: { width, height, channels: 3, background }, limitInputPixels: false });
