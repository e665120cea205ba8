import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { budgetOf } from "../../../../runtime/image-processing/budget.ts";
import { decode } from "../../../../runtime/image-processing/decode.ts";
import { work } from "../../../support/tiny-model.ts";
import { COLOURS, colours, plain, sharp } from "./files.ts";

const read = (file: Uint8Array, pixels = 1e6) =>
  decode(sharp, file, { field: "inputs[3]", budget: { ...budgetOf({}), pixels }, work: work() });
const rowsOf = async (file: Uint8Array) => {
  const { width, height, data } = await read(file);
  return Array.from({ length: height }, (_, y) => [...data.subarray(y * width * 3, (y + 1) * width * 3)]);
};

describe("every pixel of", () => {
  test.each([
    ["a PNG", () => colours().png()],
    ["a WebP without loss", () => colours().webp({ lossless: true })],
    ["a TIFF", () => colours().tiff({ compression: "lzw" })],
    ["a GIF", () => colours().gif()],
    ["a PNG with a palette", () => colours().png({ palette: true, dither: 0 })],
    ["a PNG of 16 bits", () => colours().toColourspace("rgb16").png()],
    ["a PNG that can be seen through", () => colours().ensureAlpha(0.4).png()],
  ])("%s", async (_, encode) => {
    expect(await rowsOf(await encode().toBuffer())).toEqual(COLOURS);
  });

  test("a PNG with a profile beside it, which Pillow does not read either", async () => {
    const file = await colours().withIccProfile("p3", { attach: true }).png().toBuffer();
    const numbers = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
    expect((await rowsOf(file)).flat()).toEqual([...numbers]);
    expect((await rowsOf(file)).flat()).not.toEqual(COLOURS.flat());
  });

  test("a grey PNG, three times in each", async () => {
    const file = await colours().greyscale().png().toBuffer();
    const [, second] = await rowsOf(file);
    expect(second).toEqual(COLOURS[1]);
  });

  test("a grey PNG of 16 bits, the upper eight of them", async () => {
    const file = await colours().greyscale().toColourspace("grey16").png().toBuffer();
    expect((await sharp(file).metadata()).depth).toBe("ushort");
    expect((await rowsOf(file))[1]).toEqual(COLOURS[1]);
  });

  test("an AVIF, as nearly as it was stored", async () => {
    const { data } = await read(await plain(32, 32, "#c86432").avif({ quality: 90 }).toBuffer());
    for (const [i, value] of [200, 100, 50].entries()) {
      expect(Math.abs((data[i] ?? 0) - value)).toBeLessThan(6);
    }
  });

  test("a CMYK file as Pillow prints it, without a profile", async () => {
    const inks = Buffer.from(
      "SUkqAAgAAAAKAAABBAABAAAAAgAAAAEBBAABAAAAAQAAAAIBAwAEAAAAhgAAAAMBAwABAAAAAQAAAAYBAwABAAAABQAAABEBBAABAAAAjgAAABUB" +
        "AwABAAAABAAAABYBBAABAAAAAQAAABcBBAABAAAACAAAABwBAwABAAAAAQAAAAAAAAAIAAgACAAIAP8AAAAKFB5k",
      "base64",
    );
    expect((await sharp(inks).metadata()).space).toBe("cmyk");
    expect(await rowsOf(inks)).toEqual([[0, 255, 255, 149, 143, 137]]);
  });

  test("one that a camera has turned, upright", async () => {
    const file = await colours().withMetadata({ orientation: 6 }).png().toBuffer();
    const [above, below] = COLOURS as [number[], number[]];
    const turned = [0, 3, 6].map((x) => [...below.slice(x, x + 3), ...above.slice(x, x + 3)]);
    expect(await rowsOf(file)).toEqual(turned);
  });
});

describe("is refused with the field, and the next one is right", () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>';
  test.each([
    ["nothing", "", "the picture is empty"],
    ["a text", "hello world", "no picture in JPEG, PNG"],
    ["an SVG that names a file", svg, "no picture in JPEG, PNG"],
    ["a PDF", "%PDF-1.7\n1 0 obj\n", "no picture in JPEG, PNG"],
    ["a PPM", "P6 2 1 255\n123456", "no picture in JPEG, PNG"],
  ])("%s", async (_, content, says) => {
    const refused = read(Buffer.from(content));
    await expect(refused).rejects.toMatchObject({ status: 400, field: "inputs[3]" });
    await expect(refused).rejects.toThrow(says);
    expect(await rowsOf(await colours().png().toBuffer())).toEqual(COLOURS);
  });

  test.each(["jpeg", "png", "webp", "tiff"] as const)("a %s that is cut off anywhere", async (format) => {
    const file = await plain(40, 30).toFormat(format).toBuffer();
    for (const share of [0.05, 0.3, 0.6]) {
      const part = file.subarray(0, Math.floor(file.length * share));
      await expect(read(part)).rejects.toMatchObject({ status: 400, field: "inputs[3]" });
    }
    expect((await read(file)).width).toBe(40);
  });

  test("a PNG with bytes in it that are wrong", async () => {
    const file = await plain(40, 30).png().toBuffer();
    file.fill(0xaa, 60, 80);
    await expect(read(file)).rejects.toThrow("inputs[3]: the picture is damaged or cut off");
  });

  test("an image bomb, before anything is unpacked", async () => {
    const bomb = await plain(40, 30).png().toBuffer();
    bomb.writeUInt32BE(20_000, 16);
    bomb.writeUInt32BE(20_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    const before = process.memoryUsage().rss;
    await expect(read(bomb, 50e6)).rejects.toMatchObject({
      status: 413,
      message: expect.stringContaining("inputs[3]: 20000 × 20000 pixels, and at most 50 million are allowed"),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
    expect(await rowsOf(await colours().png().toBuffer())).toEqual(COLOURS);
  });
});
