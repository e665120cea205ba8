import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { budgetOf } from "../../../../runtime/image-processing/budget.ts";
import { decode } from "../../../../runtime/image-processing/decode.ts";
import { beforeDeadline } from "../../../../runtime/request/deadline.ts";
import { newWork, type Work } from "../../../../runtime/request/work.ts";
import { work } from "../../../support/tiny-model.ts";
import { plain, sharp } from "./files.ts";

const read = (file: Uint8Array, during: Work = work(), env = {}) =>
  decode(sharp, file, { field: "inputs", budget: budgetOf(env), work: during });

/** A PNG whose header says another size. */
async function claiming(width: number, height: number): Promise<Buffer> {
  const file = await plain(4, 4).png().toBuffer();
  file.writeUInt32BE(width, 16);
  file.writeUInt32BE(height, 20);
  file.writeUInt32BE(crc32(file.subarray(12, 29)), 29);
  return file;
}

/** A progressive JPEG whose first scan, made one that may be repeated without a warning, comes again and again. */
async function scans(count: number, side = 64): Promise<Buffer> {
  const file = await plain(side, side).jpeg({ progressive: true }).toBuffer();
  const marker = Buffer.of(0xff, 0xda);
  const first = file.indexOf(marker);
  const scan = Buffer.from(file.subarray(first, file.indexOf(marker, first + 2)));
  // The last byte of the scan's header: all bits of a coefficient at once, none known before.
  scan[2 + scan.readUInt16BE(2) - 1] = 0;
  // What is between two scans are tables, which belong to the next one.
  return Buffer.concat([file.subarray(0, first), ...Array<Buffer>(count).fill(scan), file.subarray(-2)]);
}

describe("is refused before anything is unpacked", () => {
  test.each([
    [50_000_000, 1],
    [1, 50_000_000],
    [65_536, 1],
  ])("a line of %i × %i pixels", async (width, height) => {
    const started = performance.now();
    await expect(read(await claiming(width, height))).rejects.toMatchObject({
      status: 413,
      message: `inputs: ${width} × ${height} pixels, and at most 65535 are allowed on a side`,
    });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test("a JPEG of more scans than any encoder writes", async () => {
    await expect(read(await scans(60_000))).rejects.toMatchObject({
      status: 413,
      message: "inputs: a JPEG of 60000 scans, and at most 100 are allowed",
    });
  });
});

test("a JPEG of as many scans as are allowed is read", async () => {
  expect(await read(await scans(100))).toMatchObject({ width: 64, height: 64 });
});

test("what looks like a scan before the picture's data or behind its end is none", async () => {
  const file = await plain(64, 64).jpeg().toBuffer();
  const likeScans = Buffer.alloc(60_000, Buffer.of(0xff, 0xda));
  const head = Buffer.of(0xff, 0xd8, 0xff, 0xef, (likeScans.length + 2) >> 8, (likeScans.length + 2) & 0xff);
  const whole = Buffer.concat([head, likeScans, file.subarray(2), likeScans]);
  expect(await read(whole)).toMatchObject({ width: 64, height: 64 });
});

test("a picture is not decoded when its scans alone take longer than there is time", async () => {
  const file = await scans(100, 3000);
  const timeLeft = 2000;
  const asked: number[] = [];
  const during = newWork((expected) => {
    asked.push(expected ?? 0);
    if ((expected ?? 0) > timeLeft) throw new Error("late");
  });
  // 100 scans of 9 million pixels, with a tenth of a CPU.
  await expect(read(file, during, { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "177" })).rejects.toThrow();
  await expect(read(file, during, { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "300" })).rejects.toThrow("late");
  expect(asked.at(-1)).toBeCloseTo((450 * 1769) / 300, -1);
});

test("the time that a picture took to decode does not count as the next step's", async () => {
  const file = await plain(2000, 2000).png().toBuffer();
  let last = 0;
  const answer = beforeDeadline(Date.now() + 60_000, async (checkTime) => {
    const during = newWork((expected) => {
      checkTime(expected);
      last = expected ?? Number.NaN;
    });
    await read(file, during);
    return last;
  });
  // The check after it expects nothing, so that what comes next is measured from there.
  expect(await answer).toBe(0);
});
