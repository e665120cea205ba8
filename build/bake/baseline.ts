import { join } from "node:path";
import { ARCHES, BASELINE_BASES, PART_BASES } from "../catalog.ts";
import { type BakeFile, makeBakeFile } from "../clients/bake-file.ts";
import type { Variant } from "../plan/variant.ts";
import { fetching, NO_ATTESTATIONS, type PartOptions, recipe } from "./targets.ts";

/** What is built to be measured beside images of mkimage: a part of images/ each. */
export const BASELINE_PARTS = {
  "transformers.js": "baseline-transformers",
  python: "baseline-python",
} as const;
export type BuiltBaseline = keyof typeof BASELINE_PARTS;

interface BaselineOptions extends PartOptions {
  readonly reference: string;
  readonly label: Readonly<Record<string, string>>;
  readonly output: readonly string[];
}

/** What the program of a baseline is told of the model, as JSON. Pure. */
export const baselineSettings = ({ spec }: Pick<Variant, "spec">): string =>
  JSON.stringify({
    task: spec.task,
    maxTokens: spec.maxTokens ?? 512,
    pooling: spec.pooling ?? "mean",
    normalize: spec.normalize ?? true,
  });

/** The image of a baseline: the model's files as they were fetched, for the architecture of the variant. Pure. */
export function toBaselineFile(
  name: BuiltBaseline,
  variant: Variant,
  { reference, label, output, ...options }: BaselineOptions,
): BakeFile {
  const target = recipe(BASELINE_PARTS[name], options, {
    contexts: {
      files: variant.dir,
      ...(name === "python" && { install: join(options.root, "images", "model") }),
    },
    args: {
      NODE: PART_BASES.node,
      SETTINGS: baselineSettings(variant),
      ...(name === "python" && { BASE: BASELINE_BASES.python }),
    },
    platforms: [ARCHES[variant.arch].platform],
    labels: label,
    tags: [reference],
    output,
    attest: NO_ATTESTATIONS,
    ...fetching(options),
  });
  return makeBakeFile(["baseline"], [["baseline", target]]);
}
