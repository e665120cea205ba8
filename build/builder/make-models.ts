import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { toPartsFile } from "../bake/bake.ts";
import { modelRowName } from "../bake/rows.ts";
import { csvField } from "../clients/csv.ts";
import type { Row } from "../display/row.ts";
import { screen } from "../display/screen.ts";
import { withScratch } from "../leftovers/run-record.ts";
import { say } from "../output.ts";
import type { Image } from "../plan/image.ts";
import { type ModelReport, modelReport, tellingFigure } from "../plan/model-report.ts";
import { type Variant, variantNotes, variantTitle } from "../plan/variant.ts";
import { TOOL_ROOT } from "../tool-root.ts";
import type { BuildOptions } from "./built.ts";
import { runBuild } from "./run-build.ts";

/** Each model of the images, once, with the name of its row. */
const variantsOf = (images: readonly Image[]) =>
  new Map(
    images.flatMap((image) =>
      image.models.map(
        (variant) => [variant.target, { variant, row: modelRowName(variant, image) }] as const,
      ),
    ),
  );

const withReports = (images: readonly Image[], reports: Readonly<Record<string, ModelReport>>): Image[] =>
  images.map((image) => {
    const [first, ...others] = image.models;
    const reported = (variant: Variant) => ({ ...variant, report: reports[variant.target] });
    return { ...image, models: [reported(first), ...others.map(reported)] };
  });

function showMade(row: Row, figure: string): void {
  if (row.state === "cached") row.cached(figure);
  else row.done(`${figure}, ${row.seconds.toFixed(1)} s`);
}

/**
 * Makes the models of images (quantized, optimized, compared with their sources) and returns the images with what was found.
 * Their layers stay in the builder's cache for the images, and so do those of the other parts, made at the same time.
 * @throws UserError (exit 1) with a table when one is below its gate, or when its file is not one that can be trusted.
 */
export async function makeModels(images: readonly Image[], options: BuildOptions): Promise<Image[]> {
  screen.phase("models and parts");
  return withScratch("mkimage-models-", async (directory) => {
    const file = toPartsFile(images, {
      root: TOOL_ROOT,
      output: ({ target }) => `type=local,${csvField(`dest=${join(directory, target)}`)}`,
      secrets: options.secrets,
    });
    await runBuild(file, images, { ...options, groups: ["models", "parts", "cells"] });
    const reports: Record<string, ModelReport> = {};
    for (const [target, { variant, row }] of variantsOf(images)) {
      const report = modelReport.parse(
        JSON.parse(await readFile(join(directory, target, "report.json"), "utf8")),
      );
      for (const note of variantNotes({ ...variant, report })) say(`note: ${variantTitle(variant)}: ${note}`);
      showMade(screen.row("models", row), tellingFigure(report));
      reports[target] = report;
    }
    return withReports(images, reports);
  });
}
