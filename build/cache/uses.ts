import { basename } from "node:path";
import { z } from "zod";
import type { LockedFile } from "../../models/spec.ts";
import { recordsIn } from "./records.ts";

const useSchema = z.object({
  project: z.string(),
  model: z.string(),
  /** Name of its folder below the cache's `trees`. */
  tree: z.string(),
  /** sha256 of its files. */
  blobs: z.array(z.string()),
});

/** A model as some project's lock had it when it was last built, with the time in milliseconds since 1970. */
export interface Use extends Readonly<z.output<typeof useSchema>> {
  readonly at: number;
}

const uses = recordsIn("uses", useSchema);

/** Notes that a model is used now: what was used lately is not pruned. */
export async function noteUse(use: {
  project: string;
  model: string;
  tree: string;
  files: Readonly<Record<string, LockedFile>>;
}): Promise<void> {
  const { project, model, files } = use;
  const tree = basename(use.tree);
  await uses.write(tree, {
    project,
    model,
    tree,
    blobs: Object.values(files).map(({ sha256 }) => sha256),
  });
}

/** Every use that is noted, also those of long ago. */
export const listUses = async (): Promise<Use[]> =>
  (await uses.list()).map(({ value, at }) => ({ ...value, at }));
