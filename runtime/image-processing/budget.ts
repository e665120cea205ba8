import type { Metadata } from "sharp";
import { memoryMb, requestBytes } from "../environment/budget.ts";
import { MB_PER_VCPU } from "../environment/threads.ts";
import { BadRequest } from "../request/errors.ts";
import { MAX_FILE } from "./file-limit.ts";

export interface Budget {
  readonly pixels: number;
  /** Number of files that are fetched in advance. */
  readonly ahead: number;
  /** vCPUs of the function; below 1 with little memory. */
  readonly cpus: number;
}

/** Bytes per pixel while a picture is decoded (16 bits, RGBA). */
const PIXEL_BYTES = 8;
const MAX_PIXELS = 64_000_000;

/** Files that are fetched in advance. */
const AHEAD = 4;

/**
 * Longest side, in pixels: the limit of JPEG. The resampling coefficients take memory in proportion to a side, whatever
 * the other side.
 */
const MAX_SIDE = 65_535;

type Environment = Readonly<Record<string, string | undefined>>;

export function budgetOf(env: Environment): Budget {
  const bytes = requestBytes(env);
  return {
    pixels: Math.min(MAX_PIXELS, Math.floor(bytes / PIXEL_BYTES)),
    ahead: Math.max(1, Math.min(AHEAD, Math.floor(bytes / MAX_FILE))),
    cpus: Math.min(1, memoryMb(env) / MB_PER_VCPU),
  };
}

/** @throws BadRequest (413) for a picture that is too large, according to its header */
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

/** Scans of a JPEG: encoders write about ten, and each one is a pass over all pixels. */
const MAX_SCANS = 100;

/**
 * Lower limit of the time per pixel and pass on one CPU, in nanoseconds: measured 0.5 for a scan of a JPEG, at least
 * 5 for a PNG.
 */
const PASS_NS = 0.5;

/**
 * Lower limit of the time that decoding takes, in milliseconds. libvips can be stopped between rows, but not while
 * libjpeg reads the scans of a progressive file.
 * @throws BadRequest (413) for a JPEG with more scans than encoders write
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
 * Counts the scans up to the end of the picture. The content of other segments (a preview) and data after the end (a
 * film, from phones) are skipped.
 */
function scansOf(file: Uint8Array): number {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  let scans = 0;
  // In scan data, 0xFF is followed by 0 or by the number of a restart marker; between segments there is no other
  // data.
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
