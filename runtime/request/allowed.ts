import { BadRequest } from "./errors.ts";

export interface S3Object {
  readonly bucket: string;
  readonly key: string;
}

/**
 * Refuses a request that the function's configuration does not allow: `allow` in mkimage.json, which sets these
 * variables of the image, or the variables themselves.
 */
function refuse(field: string, what: string, setting: string): never {
  const name = `MKIMAGE_ALLOW_${setting.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
  throw new BadRequest(field, `${what} (allow.${setting} in mkimage.json, or ${name})`, 403);
}

/** @throws BadRequest (403) unless replies may have facts about the server */
export function requireServerFacts(field: string): void {
  if (process.env.MKIMAGE_ALLOW_SERVER_FACTS !== "true")
    refuse(field, "this function is not configured to tell about its server", "serverFacts");
}

const ADDRESS = /^s3:\/\/([\w.-]{3,63})\/(.+)$/is;

/**
 * Parses an address, if the configuration allows its bucket or a prefix of its key. A prefix is a folder:
 * `s3://bucket/a` allows `a/b`, and not `ab`.
 * @throws BadRequest 400 for another kind of address, and for a key with `.` or `..`, which some servers resolve; 403
 * for an object that is not allowed
 */
export function allowedObject(address: string, field: string): S3Object {
  const [, bucket, key] = ADDRESS.exec(address) ?? [];
  if (bucket === undefined || key === undefined) throw new BadRequest(field, "expected s3://bucket/key");
  if (/(?:^|\/)\.\.?(?:\/|$)/.test(key))
    throw new BadRequest(field, `the key has a part . or .. in ${address}`);
  const isHeld = (place: string) =>
    key === place || key.startsWith(place.endsWith("/") ? place : `${place}/`);
  for (const place of (process.env.MKIMAGE_ALLOW_S3 ?? "").split(",")) {
    const [, root, prefix = ""] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(place.trim()) ?? [];
    if (root === bucket && (prefix === "" || isHeld(prefix))) return { bucket, key };
  }
  return refuse(field, `this function is not configured to read ${address}`, "s3");
}
