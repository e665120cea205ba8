import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readBody } from "../../../../runtime/http-events/body.ts";

const read = (body: string | Buffer, type?: string, coding?: string) =>
  readBody({
    body: Buffer.from(body),
    coding,
    header: (name) => (name === "content-type" ? type : undefined),
  });

test.each([
  undefined,
  "application/json",
  "application/json; charset=utf-8",
  "application/vnd.a+json",
  "text/json",
])("%s is JSON", (type) => {
  expect(read('{"inputs":"é"}', type)).toEqual({ inputs: "é" });
});

test("what curl --data sends without being told is JSON", () => {
  expect(read("{}", "application/x-www-form-urlencoded")).toEqual({});
});

test("a plain text or an image is the input", () => {
  expect(read("héllo", "text/plain; charset=utf-8")).toEqual({ inputs: "héllo" });
  expect(read(Buffer.from([1, 2, 3]), "image/png")).toEqual({ inputs: "AQID" });
});

test("a byte order mark is no part of a text", () => {
  expect(read('\ufeff{"inputs":"\ufeffa"}')).toEqual({ inputs: "\ufeffa" });
  expect(read("\ufeffhéllo", "text/plain")).toEqual({ inputs: "héllo" });
});

test("a text is read by the charset that its content type names", () => {
  expect(read(Buffer.from("f\xfcr", "latin1"), "text/plain; charset=ISO-8859-1")).toEqual({ inputs: "für" });
  expect(read(Buffer.from('{"inputs":"für"}', "utf16le"), 'application/json;charset="utf-16"')).toEqual({
    inputs: "für",
  });
});

test.each(["text/plain", "application/json"])(
  "bytes that are no text are refused, and not replaced: %s",
  (type) => {
    const latin = Buffer.from('{"inputs":"f\xfcr"}', "latin1");
    expect(() => read(latin, type)).toThrow("body: not text in utf-8");
    expect(() => read("a", `${type}; charset=klingon`)).toThrow('charset "klingon" is not supported');
  },
);

test("a compressed body is unpacked before it is read", () => {
  expect(read(gzipSync('{"inputs":"é"}'), "application/json", "gzip")).toEqual({ inputs: "é" });
  expect(read(gzipSync(Buffer.from([1, 2, 3])), "image/png", "gzip")).toEqual({ inputs: "AQID" });
  expect(() => read(gzipSync(""), undefined, "gzip")).toThrow("body: missing");
});

test("a body that is small on its way and too large unpacked is refused", () => {
  const bomb = gzipSync(Buffer.alloc(7 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(10_000);
  const fault = { status: 413, message: expect.stringContaining("more than the 6291456 bytes") };
  expect(() => read(bomb, "application/json", "gzip")).toThrow(expect.objectContaining(fault));
});

test("a file without a content type, as huggingface_hub sends its bytes, is the input", () => {
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  expect(read(png)).toEqual({ inputs: png.toString("base64") });
});

test.each([
  { body: "", type: undefined, error: "body: missing", status: 400 },
  { body: "{", type: undefined, error: "body: not JSON", status: 400 },
  { body: "inputs=hello", type: undefined, error: "body: not JSON", status: 400 },
  { body: "\u0000", type: undefined, error: "body: not JSON", status: 400 },
  {
    body: "<a/>",
    type: "application/xml",
    error: 'content-type: "application/xml" is not supported',
    status: 415,
  },
  {
    body: "a".repeat(6 * 1024 * 1024 + 1),
    type: undefined,
    error: "at most 6291456 are allowed",
    status: 413,
  },
])("$status $error", ({ body, type, error, status }) => {
  const fault = { name: "BadRequest", status, message: expect.stringContaining(error) };
  expect(() => read(body, type)).toThrow(expect.objectContaining(fault));
});
