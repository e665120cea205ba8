import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const descriptor = z.object({
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number(),
  mediaType: z.string().optional(),
});
export type Descriptor = z.output<typeof descriptor>;

const manifestDescriptor = descriptor.extend({ mediaType: z.string() });
const indexSchema = z.object({ manifests: z.tuple([manifestDescriptor]) });
export const manifestSchema = z.object({ config: descriptor, layers: z.array(descriptor) });
const configSchema = z.object({
  config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
});

/** The one image of an OCI image layout: https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
export interface OciImage {
  readonly manifest: z.output<typeof manifestDescriptor>;
  readonly config: Descriptor;
  /** As they are packed, the lowest first. */
  readonly layers: readonly Descriptor[];
  /** Digests of the same layers unpacked. */
  readonly diffIds: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Path of a content in a layout. */
export const blobName = (digest: string): string => ["blobs", ...digest.split(":")].join("/");

/** Where a layout keeps the content with this digest. */
export const layoutBlob = (layout: string, digest: string): string => join(layout, blobName(digest));

const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, "utf8"));

export async function readLayout(layout: string): Promise<OciImage> {
  const [manifest] = indexSchema.parse(await readJson(join(layout, "index.json"))).manifests;
  const { config, layers } = manifestSchema.parse(await readJson(layoutBlob(layout, manifest.digest)));
  const about = configSchema.parse(await readJson(layoutBlob(layout, config.digest)));
  return { manifest, config, layers, diffIds: about.rootfs.diff_ids, labels: about.config.Labels ?? {} };
}
