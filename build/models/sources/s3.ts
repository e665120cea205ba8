import { networkFault } from "../../clients/http.ts";
import { S3, s3Fault } from "../../clients/s3.ts";
import { UserError } from "../../errors.ts";
import type { FetchedFiles, FetchRequest, SourceRequest, Survey } from "./source.ts";
import { transfer } from "./transfer.ts";

/** `//bucket/prefix` as bucket and the key of a path below the prefix. */
function parse(address: string): { bucket: string; key: (path: string) => string } {
  const [, bucket, prefix = ""] = /^\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(address) ?? [];
  if (!bucket)
    throw new UserError(`Cannot read model source "s3:${address}"`, {
      hint: "Write it as s3://BUCKET/PREFIX",
    });
  const folder = prefix.replace(/(?<!\/)\/+$/, "");
  return { bucket, key: (path) => (folder ? `${folder}/${path}` : path) };
}

/**
 * Size and ETag of each wanted object.
 * @throws UserError (exit 2) when one does not exist, (exit 3) without credentials or network.
 */
export async function surveyBucket({ address, paths, signal }: SourceRequest): Promise<Survey> {
  const { bucket, key } = parse(address);
  const s3 = new S3(signal);
  const files = await Promise.all(
    paths.map(async (path) => {
      const { size, etag } = await s3.find(bucket, key(path));
      return [path, { size, version: etag }] as const;
    }),
  );
  return { files: Object.fromEntries(files) };
}

/**
 * Objects below a prefix of a bucket.
 * @throws UserError (exit 2) when one does not exist, (exit 3) without credentials, network or disk.
 */
export function fetchFromBucket(request: FetchRequest): Promise<FetchedFiles> {
  const { bucket, key } = parse(request.address);
  const s3 = new S3(request.signal);
  const etag = (path: string) => request.known?.[path]?.version;
  return transfer(request, {
    origin: `s3:${request.address}`,
    open: (path) => (offset, signal) =>
      s3.open({ bucket, key: key(path), etag: etag(path) }, { offset, signal }),
    explain: (error, path) =>
      networkFault(s3Fault(error, bucket, key(path)), `fetch s3://${bucket}/${key(path)}`),
  });
}
