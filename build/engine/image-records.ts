import { z } from "zod";
import type { Packed } from "../builder/built.ts";
import type { OciImage } from "../builder/oci.ts";
import { type Records, recordsIn } from "../cache/records.ts";
import { modelReport } from "../plan/model-report.ts";

const descriptor = z.object({ digest: z.string(), size: z.number() });

const imageRecord = z.object({
  /** Digest of the manifest. */
  digest: z.string(),
  configDigest: z.string(),
  /** As they are packed, the lowest first. Empty for the builder inside an engine, whose own store has them so. */
  layers: z.array(descriptor),
  /** Model → what was found when it was made. */
  reports: z.record(z.string(), modelReport),
});

/** What the builder told of an image in the engine's store, which itself may know the unpacked layers alone. */
export type ImageRecord = z.output<typeof imageRecord>;

/** The records of images, by their ids in the store. */
export const imageRecords: Records<ImageRecord> = recordsIn("images", imageRecord);

/** The record of an image that has been made. */
export const toImageRecord = (
  { digest, configDigest, models }: Packed,
  layers: OciImage["layers"],
): ImageRecord => ({
  digest,
  configDigest,
  layers: layers.map(({ digest, size }) => ({ digest, size })),
  reports: Object.fromEntries(models.flatMap(({ name, report }) => (report ? [[name, report]] : []))),
});
