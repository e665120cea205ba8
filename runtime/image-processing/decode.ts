import type Sharp from "sharp";
import type { SharpOptions } from "sharp";
import { BadRequest } from "../request/errors.ts";
import type { Work } from "../request/work.ts";
import { type Budget, decodingTime, refuseLarge } from "./budget.ts";
import type { Pixels } from "./pixels.ts";

/**
 * Loaders of libvips that are allowed. Others read further files that a picture names, or formats that are not used.
 */
const LOADERS = ["Jpeg", "Png", "Webp", "Nsgif", "Tiff", "Heif"].map((name) => `VipsForeignLoad${name}`);
const FORMATS = "JPEG, PNG, WebP, GIF, TIFF or AVIF";

let loaded: Promise<typeof Sharp> | undefined;

/** Loads sharp once; only functions with an image model contain it. */
export function loadSharp(threads: number): Promise<typeof Sharp> {
  loaded ??= import("sharp").then(({ default: sharp }) => {
    sharp.block({ operation: ["VipsForeignLoad"] });
    sharp.unblock({ operation: LOADERS });
    sharp.cache(false);
    sharp.concurrency(threads);
    return sharp;
  });
  return loaded;
}

/**
 * Decodes as Python's pipelines do with Pillow: rotated as EXIF says, first frame only, without colour profile and
 * transparency.
 */
const OPTIONS: SharpOptions = { failOn: "error", autoOrient: true, ignoreIcc: true };

interface DecodeOptions {
  /** Path of the picture in the request, for errors. */
  readonly field: string;
  readonly budget: Budget;
  readonly work: Work;
}

/**
 * @throws BadRequest when the file is not a picture, is damaged, or exceeds the budget
 * @throws DeadlineExceeded when there is not enough time to decode it
 */
export async function decode(
  sharp: typeof Sharp,
  file: Uint8Array,
  { field, budget, work }: DecodeOptions,
): Promise<Pixels> {
  if (file.length === 0) throw new BadRequest(field, "the picture is empty");
  // The header alone: limits are checked before anything is decoded.
  const head = await sharp(file, { ...OPTIONS, limitInputPixels: false })
    .metadata()
    .catch((error: Error) => {
      throw notDecoded(error, field);
    });
  refuseLarge(head, budget, field);
  work.checkTime(decodingTime(file, head, budget, field));
  const picture = sharp(file, { ...OPTIONS, limitInputPixels: budget.pixels });
  const printed = head.space === "cmyk";
  const wanted = printed
    ? picture.pipelineColourspace("cmyk").toColourspace("cmyk")
    : picture.removeAlpha().toColourspace("srgb");
  const { data, info } = await wanted
    .timeout({ seconds: Math.ceil(Math.min(3600, Math.max(1, work.timeLeft() / 1000))) })
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true })
    .catch((error: Error) => {
      throw notDecoded(error, field);
    });
  work.checkTime(0);
  const { width, height, channels } = info;
  return { width, height, data: printed ? fromCmyk(data, channels) : toRgb(data, channels) };
}

function notDecoded({ message }: Error, field: string): BadRequest {
  const unknown = /unsupported image format/i.test(message);
  return new BadRequest(field, unknown ? `no picture in ${FORMATS}` : "the picture is damaged or cut off");
}

function toRgb(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const result = new Uint8Array((data.length / channels) * 3);
  for (let i = 0, to = 0; i < data.length; i += channels) {
    const grey = data[i] as number;
    result[to++] = grey;
    result[to++] = grey;
    result[to++] = grey;
  }
  return result;
}

/** CMYK to RGB without a profile, exactly as Pillow converts it. */
function fromCmyk(data: Uint8Array, channels: number): Uint8Array {
  const result = new Uint8Array((data.length / channels) * 3);
  for (let i = 0, to = 0; i < data.length; i += channels) {
    const light = 255 - (data[i + 3] as number);
    for (let ink = 0; ink < 3; ink++) {
      const product = (data[i + ink] as number) * light + 128;
      result[to++] = Math.max(0, light - (((product >> 8) + product) >> 8));
    }
  }
  return result;
}
