import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { readPictures } from "../../../../runtime/request/inputs.ts";

const MB = 1024 * 1024;
const asked: string[] = [];

const xml = (code: string) =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>said by the server</Message></Error>`;

/** What the stand-in has at each path, and how else it answers. */
const ANSWERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "/pictures/a%20cat/1.png": (response) => response.end("the bytes"),
  "/pictures/in/%252e%252e/a": (response) => response.end("another"),
  "/pictures/large": (response) => response.setHeader("content-length", 21 * MB) && response.write("x"),
  "/pictures/endless": (response) => {
    const more = () => response.writable && response.write(Buffer.alloc(MB), more);
    more();
  },
  "/pictures/my%2Bcat.png": (response) => response.writeHead(404).end(xml("NoSuchKey")),
  "/pictures/missing": (response) => response.writeHead(404).end(xml("NoSuchKey")),
  "/nowhere/x": (response) => response.writeHead(404).end(xml("NoSuchBucket")),
  "/pictures/secret": (response) => response.writeHead(403).end(xml("AccessDenied")),
  "/pictures/frozen": (response) => response.writeHead(403).end(xml("InvalidObjectState")),
  "/pictures/flaky": (response) =>
    asked.length < 2 ? response.writeHead(503).end(xml("SlowDown")) : response.end("at last"),
  "/pictures/unsigned": (response) => response.writeHead(403).end(xml("SignatureDoesNotMatch")),
};

const server = createServer(({ url = "" }: IncomingMessage, response) => {
  asked.push(url);
  const path = url.split("?")[0] ?? "";
  (ANSWERS[path] ?? ((odd) => odd.writeHead(500).end(xml(`odd ${path}`))))(response);
});
let readSource: (source: string, field: string) => Promise<Uint8Array>;

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv("MKIMAGE_ALLOW_S3", "s3://pictures,s3://nowhere");
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  ({ readSource } = await import("../../../../runtime/image-processing/source.ts"));
  await readSource("s3://pictures/a cat/1.png", "inputs");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  vi.stubEnv("MKIMAGE_ALLOW_S3", "s3://pictures,s3://nowhere");
  asked.length = 0;
});

test("an object's content, with the region and the endpoint of the environment", async () => {
  const content = await readSource("S3://pictures/a cat/1.png", "inputs");
  expect(Buffer.from(content).toString()).toBe("the bytes");
  expect(asked).toEqual(["/pictures/a%20cat/1.png?x-id=GetObject"]);
});

test("what a key has encoded stays so: no server takes it for a folder above", async () => {
  const content = await readSource("s3://pictures/in/%2e%2e/a", "inputs");
  expect(Buffer.from(content).toString()).toBe("another");
});

test("the object of an S3 event's record is asked for by its own key", async () => {
  const record = { s3: { bucket: { name: "pictures" }, object: { key: "a+cat/1.png" } } };
  const { items } = readPictures([record]);
  expect(Buffer.from(await readSource(items[0] as string, "inputs[0]")).toString()).toBe("the bytes");
  expect(asked).toEqual(["/pictures/a%20cat/1.png?x-id=GetObject"]);
});

test("an address with an event's key as it is there is told so", async () => {
  await expect(readSource("s3://pictures/my+cat.png", "inputs")).rejects.toThrow(
    "inputs: there is no object s3://pictures/my+cat.png; keys in S3 events are URL-encoded: decode it",
  );
});

test("is asked for again where S3 says that it is busy", async () => {
  expect(Buffer.from(await readSource("s3://pictures/flaky", "inputs")).toString()).toBe("at last");
});

describe("is refused as the caller's mistake, with the field and the address", () => {
  test.each([
    ["missing", "there is no object s3://pictures/missing", 400],
    ["secret", "this function may not read s3://pictures/secret", 400],
    ["frozen", "it has to be restored from the archive first: s3://pictures/frozen", 400],
    ["large", "the picture has more than 20 MB", 413],
    ["endless", "the picture has more than 20 MB", 413],
  ])("%s", async (key, says, status) => {
    await expect(readSource(`s3://pictures/${key}`, "inputs[1]")).rejects.toMatchObject({
      name: "BadRequest",
      status,
      message: `inputs[1]: ${says}`,
    });
  });

  test("a bucket that does not exist", async () => {
    await expect(readSource("s3://nowhere/x", "inputs")).rejects.toThrow(
      "there is no bucket for s3://nowhere/x",
    );
  });
});

test("what is the function's own fault is an error of ours, not the caller's", async () => {
  await expect(readSource("s3://pictures/unsigned", "inputs")).rejects.toMatchObject({
    name: "Error",
    message: "cannot read s3://pictures/unsigned: SignatureDoesNotMatch: said by the server",
  });
});
