import { GetObjectCommand, type GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import type { S3Object } from "../request/allowed.ts";
import { BadRequest } from "../request/errors.ts";
import { MAX_FILE, tooLarge } from "./file-limit.ts";

/** In milliseconds. 20 MB take about a second in the same region, and the caller waits. */
const TIMES = { connectionTimeout: 2000, requestTimeout: 10_000, socketTimeout: 10_000 };

let client: S3Client | undefined;

/** Uses the function's role; region and endpoint come from the environment. */
function connect({ env } = process): S3Client {
  // Other endpoints than AWS's have no DNS name per bucket.
  const forcePathStyle = Boolean(env["AWS_ENDPOINT_URL_S3"] ?? env["AWS_ENDPOINT_URL"]);
  client ??= new S3Client({
    forcePathStyle,
    followRegionRedirects: true,
    maxAttempts: 3,
    requestHandler: { ...TIMES, throwOnRequestTimeout: true },
  });
  return client;
}

export async function readObject({ bucket, key }: S3Object, field: string): Promise<Uint8Array> {
  const address = `s3://${bucket}/${key}`;
  try {
    const found = await connect().send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return await contentOf(found, field);
  } catch (error) {
    throw error instanceof BadRequest ? error : faultOf(error, address, field);
  }
}

/** Stops at the limit: the length is not always known in advance. */
async function contentOf({ Body, ContentLength = 0 }: GetObjectCommandOutput, field: string) {
  const stream = Body as unknown as AsyncIterable<Uint8Array> & { destroy(): void };
  const chunks: Uint8Array[] = [];
  let length = ContentLength;
  if (length <= MAX_FILE) {
    length = 0;
    for await (const chunk of stream) {
      length += chunk.length;
      if (length > MAX_FILE) break;
      chunks.push(chunk);
    }
  }
  if (length <= MAX_FILE) return Buffer.concat(chunks);
  stream.destroy();
  throw tooLarge(field);
}

/** Errors that the caller can fix, by S3's error codes. */
const FAULTS: Readonly<Record<string, string>> = {
  NoSuchKey: "there is no object",
  NoSuchBucket: "there is no bucket for",
  NotFound: "there is no object",
  InvalidBucketName: "there is no bucket for",
  KeyTooLongError: "the key is too long in",
  AccessDenied: "this function may not read",
  AllAccessDisabled: "this function may not read",
  InvalidObjectState: "it has to be restored from the archive first:",
};

/** For a key that was copied from an S3 event without decoding. */
const encodedHint = (name: string, address: string): string =>
  name === "NoSuchKey" && /\+|%[\dA-F]{2}/.test(address)
    ? "; keys in S3 events are URL-encoded: decode it"
    : "";

function faultOf(error: unknown, address: string, field: string): Error {
  const { name = "", message = "" } = error as Partial<Error>;
  const problem = Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined;
  if (problem) return new BadRequest(field, `${problem} ${address}${encodedHint(name, address)}`);
  return new Error(`cannot read ${address}: ${name}: ${message}`, { cause: error });
}
