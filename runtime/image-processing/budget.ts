import type { Metadata } from "sharp";
import { memoryMb, requestBytes } from "../environment/budget.ts";
import { MB_PER_VCPU } from "../environment/threads.ts";
import { BadRequest } from "../request/errors.ts";
import { MAX_FILE } from "./file-limit.ts";

/** What one picture may take of the function. */
export interface Budget {
  /** Pixels of a decoded picture. */
  readonly pixels: number;
  /** Pictures that are fetched before their turn. */
  readonly ahead: number;
  /** Virtual CPUs that decode it; below 1 with little memory. */
  readonly cpus: number;
}

/** Bytes of a pixel while it is decoded (16 bits, RGBA). */
const PIXEL_BYTES = 8;
const MAX_PIXELS = 64_000_000;

/** Files that are fetched while the one before is worked on. */
const AHEAD = 4;

/**
 * Longest side, that of the largest JPEG. The weights that bring a side to the model's size take memory in proportion to
 * the side, whatever the other one is.
 */
const MAX_SIDE = 65_535;

type Environment = Readonly<Record<string, string | undefined>>;

/** What a picture may take of a request's memory and the function's CPU. */
export function budgetOf(env: Environment): Budget {
  const bytes = requestBytes(env);
  return {
    pixels: Math.min(MAX_PIXELS, Math.floor(bytes / PIXEL_BYTES)),
    ahead: Math.max(1, Math.min(AHEAD, Math.floor(bytes / MAX_FILE))),
    cpus: Math.min(1, memoryMb(env) / MB_PER_VCPU),
  };
}

/** Throws for a picture that its header says is too large to be decoded. */
export function refuseLarge({ width, height }: Metadata, { pixels }: Budget, field: string): void {
  if (Math.max(width, height) > MAX_SIDE) {
    throw new BadRequest(
      field,
      `${width} × ${height} pixels, and at most ${MAX_SIDE} are allowed on a side`,
      413,
    );
  }
  if (width * height <= pixels) return;
  const most = Math.floor(pixels / 1e5) / 10;
  throw new BadRequest(
    field,
    `${width} × ${height} pixels, and at most ${most} million are allowed with this function's memory`,
    413,
  );
}

/** Scans of a JPEG: encoders write about ten, and each is a pass over every pixel. */
const MAX_SCANS = 100;

/** Nanoseconds that one pass over a pixel takes at least on one CPU: measured 0.5 for a JPEG's scan, 5 and more for all of a PNG. */
const PASS_NS = 0.5;

/**
 * Milliseconds that decoding takes at least. libvips can be stopped between rows, but not while libjpeg goes through
 * the scans of a progressive file.
 * @throws BadRequest for a JPEG of more scans than any encoder writes
 */
export function decodingTime(file: Uint8Array, head: Metadata, { cpus }: Budget, field: string): number {
  const scans = head.format === "jpeg" ? scansOf(file) : 1;
  if (scans > MAX_SCANS) {
    throw new BadRequest(field, `a JPEG of ${scans} scans, and at most ${MAX_SCANS} are allowed`, 413);
  }
  return (scans * head.width * head.height * PASS_NS) / 1e6 / cpus;
}

const [SCAN, END, RESTARTS] = [0xda, 0xd9, { first: 0xd0, last: 0xd7 }];

/**
 * Counts the scans up to the picture's end. What is in other segments, such as a preview, and what phones put behind the
 * picture, such as a film, is not read.
 */
function scansOf(file: Uint8Array): number {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  let scans = 0;
  // In the data of a scan 0xFF is followed by 0, or by the number of a restart; between segments there is no other data.
  for (let at = bytes.indexOf(0xff, 2); at >= 0 && at + 3 < bytes.length; at = bytes.indexOf(0xff, at)) {
    const code = bytes[at + 1] ?? 0;
    if (code === END) break;
    if (code === 0xff) at += 1;
    else if (code <= 0x01 || (code >= RESTARTS.first && code <= RESTARTS.last)) at += 2;
    else {
      if (code === SCAN) scans++;
      at += 2 + bytes.readUInt16BE(at + 2);
    }
  }
  return scans;
}
