import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const descriptor = z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/), size: z.number() });
export type Descriptor = z.output<typeof descriptor>;

const indexSchema = z.object({ manifests: z.array(descriptor).length(1) });
const manifestSchema = z.object({ config: descriptor, layers: z.array(descriptor) });
const configSchema = z.object({
  config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
});

/** The one image of an OCI image layout: https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
export interface OciImage {
  readonly config: Descriptor;
  /** As they are packed, the lowest first. */
  readonly layers: readonly Descriptor[];
  /** Digests of the same layers unpacked: what an engine knows them by. */
  readonly diffIds: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Where a layout keeps the content with this digest. */
export const layoutBlob = (layout: string, digest: string): string =>
  join(layout, "blobs", ...digest.split(":"));

const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, "utf8"));

export async function readLayout(layout: string): Promise<OciImage> {
  const { manifests } = indexSchema.parse(await readJson(join(layout, "index.json")));
  const manifest = manifestSchema.parse(await readJson(layoutBlob(layout, manifests[0]?.digest ?? "")));
  const { config, rootfs } = configSchema.parse(await readJson(layoutBlob(layout, manifest.config.digest)));
  return { ...manifest, diffIds: rootfs.diff_ids, labels: config.Labels ?? {} };
}
