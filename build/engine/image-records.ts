import { z } from "zod";
import type { Packed } from "../builder/built.ts";
import type { OciImage } from "../builder/oci.ts";
import { type Records, recordsIn } from "../cache/records.ts";
import { modelReport } from "../plan/model-report.ts";

const descriptor = z.object({ digest: z.string(), size: z.number(), mediaType: z.string().optional() });

const imageRecord = z.object({
  /** Digest of the manifest. */
  digest: z.string(),
  configDigest: z.string(),
  /** Media types of manifest and config; those of the layers are with them. Unknown for the builder inside an engine. */
  mediaType: z.string().optional(),
  configMediaType: z.string().optional(),
  /** As they are packed, the lowest first. Empty for the builder inside an engine, whose own store has them so. */
  layers: z.array(descriptor),
  /** Model → what was found when it was made. */
  reports: z.record(z.string(), modelReport),
});

/** What the builder told of an image in the engine's store, which itself may know the unpacked layers alone. */
export type ImageRecord = z.output<typeof imageRecord>;

/** The records of images, by their ids in the store. */
export const imageRecords: Records<ImageRecord> = recordsIn("images", imageRecord);

/** The record of an image that has been made, with how it is packed where that has been read. */
export const toImageRecord = (
  { digest, configDigest, models }: Packed,
  oci?: Pick<OciImage, "manifest" | "config" | "layers">,
): ImageRecord => ({
  digest,
  configDigest,
  mediaType: oci?.manifest.mediaType,
  configMediaType: oci?.config.mediaType,
  layers: (oci?.layers ?? []).map(({ digest, size, mediaType }) => ({ digest, size, mediaType })),
  reports: Object.fromEntries(models.flatMap(({ name, report }) => (report ? [[name, report]] : []))),
});
