import { BadRequest } from "./errors.ts";
import { isRecord } from "./record.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export function isS3Event(event: unknown): event is { readonly Records: readonly unknown[] } {
  if (!isRecord(event) || !Array.isArray(event.Records) || event.Records.length === 0) return false;
  return event.Records.every((record) => isRecord(record) && record.eventSource === "aws:s3");
}

/**
 * The object in a record of an S3 event, as `s3://bucket/key`; undefined for other values. S3 encodes keys in events
 * like HTML forms: a space is `+`, other characters are `%XX`.
 */
export function objectAddress(record: unknown, field: string): string | undefined {
  if (!isRecord(record) || !isRecord(record.s3)) return undefined;
  const { bucket, object } = record.s3;
  if (!isRecord(bucket) || !isRecord(object)) return undefined;
  if (typeof bucket.name !== "string" || typeof object.key !== "string") return undefined;
  return `s3://${bucket.name}/${decodeKey(object.key, `${field}.s3.object.key`)}`;
}

function decodeKey(key: string, field: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    throw new BadRequest(field, "expected a key as S3 encodes it in events");
  }
}
