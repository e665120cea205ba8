import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { toPartsFile } from "../bake/bake.ts";
import { runBake } from "../clients/buildx.ts";
import { csvField } from "../clients/csv.ts";
import { withScratch } from "../leftovers/run-record.ts";
import { say } from "../output.ts";
import type { Image } from "../plan/image.ts";
import { type ModelReport, modelReport } from "../plan/model-report.ts";
import { type Variant, variantNotes, variantTitle } from "../plan/variant.ts";
import { TOOL_ROOT } from "../tool-root.ts";
import type { BuildOptions } from "./built.ts";

/** Each model of the images, once. */
const variantsOf = (images: readonly Image[]) =>
  new Map(images.flatMap(({ models }) => models.map((variant) => [variant.target, variant] as const)));

const withReports = (images: readonly Image[], reports: Readonly<Record<string, ModelReport>>): Image[] =>
  images.map((image) => {
    const [first, ...others] = image.models;
    const reported = (variant: Variant) => ({ ...variant, report: reports[variant.target] });
    return { ...image, models: [reported(first), ...others.map(reported)] };
  });

/**
 * Makes the models of images (quantized, optimized, compared with their sources) and returns the images with what was found.
 * Their layers stay in the builder's cache for the images, and so do those of the other parts, made at the same time.
 * @throws UserError (exit 1) with a table when one is below its gate, or when its file is not one that can be trusted.
 */
export async function makeModels(images: readonly Image[], options: BuildOptions): Promise<Image[]> {
  return withScratch("mkimage-models-", async (directory) => {
    const file = toPartsFile(images, {
      root: TOOL_ROOT,
      output: ({ target }) => `type=local,${csvField(`dest=${join(directory, target)}`)}`,
      secrets: options.secrets,
    });
    // Its own display would hide the table of a gate.
    const progress = options.progress === "terminal" ? say : options.progress;
    await runBake(file, { ...options, progress });
    const reports: Record<string, ModelReport> = {};
    for (const [target, variant] of variantsOf(images)) {
      const report = modelReport.parse(
        JSON.parse(await readFile(join(directory, target, "report.json"), "utf8")),
      );
      for (const note of variantNotes({ ...variant, report })) say(`note: ${variantTitle(variant)}: ${note}`);
      reports[target] = report;
    }
    return withReports(images, reports);
  });
}
