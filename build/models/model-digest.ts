import type { LockedModel, ModelSpec } from "../../models/spec.ts";
import { digestOf } from "../files/digest.ts";
import { toManifest } from "./manifest.ts";

/**
 * Digest of a model's locked files and of what its spec says to the runtime: what its files add to the spec follows from
 * these, so nothing has to be fetched. Neither where the files come from nor the machine counts.
 */
export const modelDigest = (name: string, spec: ModelSpec, { files }: Pick<LockedModel, "files">): string => {
  const contents = Object.entries(files).map(([path, { sha256 }]) => [path, sha256]);
  return digestOf([toManifest(name, spec), contents.sort()]);
};
