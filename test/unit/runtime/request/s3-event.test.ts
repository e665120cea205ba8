import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { readPictures } from "../../../../runtime/request/inputs.ts";
import { isS3Event, objectAddress } from "../../../../runtime/request/s3-event.ts";

const record = (key: unknown) => ({
  eventVersion: "2.1",
  eventSource: "aws:s3",
  awsRegion: "us-east-1",
  eventName: "ObjectCreated:Put",
  s3: { s3SchemaVersion: "1.0", bucket: { name: "pictures" }, object: { key, size: 1024 } },
});

/** As S3 encodes keys in events: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
const KEYS = [
  "cat.jpg",
  "my holiday (1)/cat & dog+bird.jpg",
  "été/漢字 😀.png",
  "100%/a=b?c#d.png",
  "a%20b+c.png",
  "..//./x.png",
];

test.each(KEYS)("the key %s is read as it is in the bucket", (key) => {
  const quote = "import sys, urllib.parse; print(urllib.parse.quote_plus(sys.argv[1], safe='/'))";
  const encoded = execFileSync("python3", ["-c", quote, key], { encoding: "utf8" }).trim();
  expect(objectAddress(record(encoded), "inputs[0]")).toBe(`s3://pictures/${key}`);
});

test("records are images like others", () => {
  const event = { Records: [record("a+b.png"), record("c.png")] };
  expect(isS3Event(event)).toBe(true);
  expect(readPictures(event.Records).items).toEqual(["s3://pictures/a b.png", "s3://pictures/c.png"]);
  expect(readPictures([record("a+b.png"), "aGVsbG8="]).items).toEqual(["s3://pictures/a b.png", "aGVsbG8="]);
});

test("a key that S3 has not encoded is refused with its place", () => {
  expect(() => readPictures([record("100%.png")])).toThrow("inputs[0].s3.object.key: expected a key");
});

test.each([
  { Records: [] },
  { Records: [{ eventSource: "aws:sqs", body: "{}" }] },
  { Records: [record("a"), { eventSource: "aws:sqs" }] },
  { Records: {} },
  { Records: [null] },
  [],
  null,
])("%j is no event of S3", (event) => {
  expect(isS3Event(event)).toBe(false);
});

test.each([null, {}, { s3: {} }, { s3: { bucket: {}, object: {} } }, record(5), []])(
  "%j is no record of one",
  (value) => {
    expect(objectAddress(value, "inputs")).toBeUndefined();
    if (!Array.isArray(value)) expect(() => readPictures(value)).toThrow("inputs: expected a picture");
  },
);
