import { expect, test } from "vitest";
import { MAX_FILE } from "../../../../runtime/image-processing/file-limit.ts";
import { readSource } from "../../../../runtime/image-processing/source.ts";

const read = async (source: string) => Buffer.from(await readSource(source, "inputs")).toString();
const BYTES = "an image ÿþ";
const base64 = Buffer.from(BYTES).toString("base64");

test.each([
  ["base64", base64],
  ["base64 for URLs", Buffer.from(BYTES).toString("base64url")],
  ["base64 in lines", base64.replace(/(.{6})/g, "$1\r\n")],
  ["a data: URI", `data:image/png;base64,${base64}`],
  ["a data: URI with parameters", `data:image/png;name=a.png;BASE64,${base64}`],
])("%s", async (_, source) => {
  expect(await read(source)).toBe(BYTES);
});

test.each([
  ["https://example.com/cat.png", "https is not fetched; send the picture in base64, or s3://bucket/key"],
  ["file:///etc/passwd", "file is not fetched"],
  ["data:text/plain,hello", "expected a data: URI in base64"],
  ["data:,", "expected a data: URI in base64"],
  ["not base64!", "expected a picture: base64, a data: URI or s3://bucket/key"],
  ["\ud800", "expected a picture"],
  ["s3://", "expected s3://bucket/key"],
  ["s3://bucket", "expected s3://bucket/key"],
  ["s3://b/key", "expected s3://bucket/key"],
])("%j is refused", async (source, says) => {
  await expect(read(source)).rejects.toMatchObject({ status: 400, message: expect.stringContaining(says) });
});

test("a huge text is refused by its length, at once", async () => {
  const start = performance.now();
  await expect(read("A".repeat((MAX_FILE / 3) * 4 + 8))).rejects.toMatchObject({ status: 413 });
  expect(performance.now() - start).toBeLessThan(1000);
});

test("a long text of odd characters takes no longer than it has to", async () => {
  const start = performance.now();
  await expect(read(`${"= ".repeat(2_000_000)}!`)).rejects.toThrow("expected a picture");
  await expect(read(`${" ".repeat(4_000_000)}!`)).rejects.toThrow("expected a picture");
  expect(performance.now() - start).toBeLessThan(2000);
});
