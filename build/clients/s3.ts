import type { GetObjectCommandOutput, HeadObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import { UserError } from "../errors.ts";
import { awsFault } from "./aws-errors.ts";
import type { Opened } from "./http.ts";

interface S3Object {
  readonly size: number | undefined;
  readonly etag: string | undefined;
}

/**
 * Amazon S3 with the SDK's default chain of credentials; region and endpoint from the environment or the profile. Every
 * method throws a UserError: exit 2 for a bucket or object that does not exist, exit 3 for credentials and network.
 */
export class S3 {
  readonly #signal: AbortSignal;
  #client: S3Client | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async #connect(env: NodeJS.ProcessEnv = process.env): Promise<S3Client> {
    const [{ S3Client }, { awsSettings }] = await Promise.all([
      import("@aws-sdk/client-s3"),
      import("./aws-settings.ts"),
    ]);
    // Another endpoint than AWS's own has no DNS name for each bucket.
    const forcePathStyle = Boolean(env["AWS_ENDPOINT_URL_S3"] ?? env["AWS_ENDPOINT_URL"]);
    this.#client ??= new S3Client({ forcePathStyle, ...awsSettings(env) });
    return this.#client;
  }

  /** Size and ETag of an object. */
  async find(bucket: string, key: string): Promise<S3Object> {
    try {
      const { HeadObjectCommand } = await import("@aws-sdk/client-s3");
      const client = await this.#connect();
      const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
      const { callSignal } = await import("./aws-settings.ts");
      const abortSignal = callSignal(this.#signal);
      const found: HeadObjectCommandOutput = await client.send(command, { abortSignal });
      return { size: found.ContentLength, etag: found.ETag };
    } catch (error) {
      this.#signal.throwIfAborted();
      throw s3Fault(error, bucket, key);
    }
  }

  /** The keys of up to so many objects that begin with a prefix. */
  async list(bucket: string, prefix: string, limit: number): Promise<string[]> {
    try {
      const { paginateListObjectsV2 } = await import("@aws-sdk/client-s3");
      const { callSignal } = await import("./aws-settings.ts");
      const client = await this.#connect();
      const keys: string[] = [];
      const pages = paginateListObjectsV2(
        { client },
        { Bucket: bucket, Prefix: prefix },
        { abortSignal: callSignal(this.#signal) },
      );
      for await (const { Contents = [] } of pages) {
        keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
        if (keys.length > limit)
          throw new UserError(`s3://${bucket}/${prefix} has more than ${limit} objects`, {
            hint: "Name the prefix of the model alone.",
          });
      }
      return keys;
    } catch (error) {
      this.#signal.throwIfAborted();
      throw error instanceof UserError ? error : s3Fault(error, bucket, prefix);
    }
  }

  /** An object's content from a position on, of the version with this ETag where one is given; throws the SDK's own errors. */
  async open(
    { bucket, key, etag }: { bucket: string; key: string; etag: string | undefined },
    { offset, signal }: { offset: number; signal: AbortSignal },
  ): Promise<Opened> {
    const { GetObjectCommand } = await import("@aws-sdk/client-s3");
    const client = await this.#connect();
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(etag ? { IfMatch: etag } : {}),
      ...(offset > 0 ? { Range: `bytes=${offset}-` } : {}),
    });
    const found: GetObjectCommandOutput = await client.send(command, { abortSignal: signal });
    const whole = /\/(\d+)$/.exec(found.ContentRange ?? "")?.[1];
    return {
      stream: found.Body as unknown as AsyncIterable<Uint8Array>,
      offset: found.ContentRange ? offset : 0,
      size: whole ? Number(whole) : found.ContentLength,
    };
  }
}

/** An error of the SDK as people read it. */
export function s3Fault(error: unknown, bucket: string, key: string): unknown {
  const { name, $metadata } = (error ?? {}) as { name?: string; $metadata?: { httpStatusCode?: number } };
  if (name === "NoSuchBucket")
    return new UserError(`No bucket ${bucket} on S3`, {
      hint: "Check the source in the model's spec.",
      cause: error,
    });
  if (name === "NoSuchKey" || name === "NotFound" || $metadata?.httpStatusCode === 404) {
    return new UserError(`No object s3://${bucket}/${key}`, {
      hint: "Check source and `files` in the model's spec.",
      cause: error,
    });
  }
  const hint = "It needs s3:GetObject, and s3:ListBucket to tell a missing object from a forbidden one.";
  // S3 answers a HEAD request without a body: the SDK then knows the status alone.
  if ($metadata?.httpStatusCode === 403 && /^(?:403|Forbidden|Unknown\w*)$/.test(name ?? "")) {
    return new UserError(`AWS denies s3:GetObject on s3://${bucket}/${key}`, {
      hint,
      reason: "environment",
      cause: error,
    });
  }
  return awsFault(error, { action: "s3:GetObject", hint });
}
