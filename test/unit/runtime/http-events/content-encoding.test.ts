import { execFileSync } from "node:child_process";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { unpacked } from "../../../../runtime/http-events/content-encoding.ts";

const TEXT = "hello wörld ".repeat(100);
const MOST = 10_000;
const refusal = (status: number, message: string) =>
  expect.objectContaining({ name: "BadRequest", status, message: expect.stringContaining(message) });

test.each([
  ["gzip", gzipSync],
  ["GZIP ", gzipSync],
  ["x-gzip", gzipSync],
  ["deflate", deflateSync],
  ["deflate", deflateRawSync],
  ["br", brotliCompressSync],
  ["zstd", zstdCompressSync],
  ["identity", Buffer.from],
  ["", Buffer.from],
  [undefined, Buffer.from],
] as [string | undefined, (text: string) => Buffer][])("%j by %o", (coding, pack) => {
  expect(unpacked(pack(TEXT), coding, MOST).toString()).toBe(TEXT);
});

test("what Python's gzip and zlib make, and gzip in two members", () => {
  const python = (code: string) => execFileSync("python3", ["-c", `import sys, gzip, zlib; ${code}`]);
  const write = (what: string) => python(`sys.stdout.buffer.write(${what})`);
  expect(unpacked(write("gzip.compress(b'abc') + gzip.compress(b'def')"), "gzip", MOST).toString()).toBe(
    "abcdef",
  );
  for (const level of [1, 9]) {
    expect(unpacked(write(`zlib.compress(b'abc' * 9, ${level})`), "deflate", MOST).toString()).toBe(
      "abc".repeat(9),
    );
  }
});

test.each(["gzip", "deflate", "br", "zstd"])("%s: no more is unpacked than is allowed", (coding) => {
  const pack = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };
  const bytes = (count: number) => pack[coding as keyof typeof pack](Buffer.alloc(count));
  expect(unpacked(bytes(MOST), coding, MOST)).toHaveLength(MOST);
  expect(() => unpacked(bytes(MOST + 1), coding, MOST)).toThrow(refusal(413, "more than the 10000 bytes"));
  expect(() => unpacked(bytes(50 * 1024 * 1024), coding, MOST)).toThrow(refusal(413, "more than"));
});

test.each(["gzip", "deflate", "br", "zstd"])(
  "%s: what is none, or is cut off, is the caller's mistake",
  (coding) => {
    const pack = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };
    const whole = pack[coding as keyof typeof pack](TEXT);
    for (const body of [whole.subarray(0, -9), Buffer.from('{"inputs":"a"}'), Buffer.from("x")]) {
      expect(() => unpacked(body, coding, MOST)).toThrow(
        refusal(400, `body: not ${coding}, which content-encoding names`),
      );
    }
  },
);

test.each(["compress", "gzip, br", "aws-chunked", "constructor", "__proto__"])(
  "%s is not supported",
  (coding) => {
    expect(() => unpacked(Buffer.from("a"), coding, MOST)).toThrow(
      refusal(415, "send gzip, deflate, br, zstd"),
    );
  },
);
