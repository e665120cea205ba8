import { networkFault } from "../../clients/http.ts";
import { S3, s3Fault } from "../../clients/s3.ts";
import { UserError } from "../../errors.ts";
import {
  type FetchedFiles,
  type FetchRequest,
  type Listing,
  MOST_FILES,
  type SourceRequest,
  type Survey,
} from "./source.ts";
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
 * The keys below a prefix, from the prefix on.
 * @throws UserError (exit 2) when there is none, (exit 3) without credentials, permission or network.
 */
export async function listBucket({ address, signal }: Omit<SourceRequest, "paths">): Promise<Listing> {
  const { bucket, key } = parse(address);
  const prefix = key("");
  const keys = await new S3(signal).list(bucket, prefix, MOST_FILES);
  if (keys.length === 0)
    throw new UserError(`No object below s3:${address}`, { hint: "Check the bucket and the prefix." });
  return { paths: keys.map((each) => each.slice(prefix.length)).filter((path) => !path.endsWith("/")) };
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
