import { createHash } from "node:crypto";

/** Digest of a value that JSON can write, `sha256:…`. The order of keys counts. */
export const digestOf = (value: unknown): string =>
  `sha256:${createHash("sha256").update(JSON.stringify(value)).digest("hex")}`;
