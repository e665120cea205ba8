import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { toPartsFile } from "../bake/bake.ts";
import { modelRowName } from "../bake/rows.ts";
import { baseDigests } from "../clients/buildx.ts";
import { csvField } from "../clients/csv.ts";
import type { Row } from "../display/row.ts";
import { screen } from "../display/screen.ts";
import { UserError } from "../errors.ts";
import { withScratch } from "../leftovers/run-record.ts";
import { say } from "../output.ts";
import { openBases, withFound } from "../plan/found.ts";
import type { Image } from "../plan/image.ts";
import { type ModelReport, modelReport, tellingFigure } from "../plan/model-report.ts";
import { variantNotes, variantTitle } from "../plan/variant.ts";
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

function showMade(row: Row, figure: string): void {
  if (row.state === "cached") row.cached(figure);
  else row.done([figure, `${row.seconds.toFixed(1)} s`].filter(Boolean).join(", "));
}

type Below = NonNullable<ModelReport["failure"]> & { readonly name: string };

/** @throws UserError (exit 1) that lists the models outside of their gates, with the field and the file of each limit. */
function requireGates(below: readonly Below[]): void {
  if (below.length === 0) return;
  const fields = below.flatMap(({ name, limits }) =>
    Object.entries(limits).map(
      ([figure, limit]) => `\`gate.${figure}\` in models/${name}.json (now ${limit})`,
    ),
  );
  // Those of two architectures may say the same.
  const texts = [...new Set(below.map(({ text }) => text))];
  throw new UserError(
    [
      ...(texts.length > 1 ? [`${texts.length} models are not as accurate as their gates require`] : []),
      ...texts,
    ].join("\n"),
    {
      reason: "check",
      hint: `Choose another quantization, or change what the gate allows: ${[...new Set(fields)].join(", ")}.`,
    },
  );
}

/**
 * Makes the models of images (quantized, optimized, compared with their sources), asks for the digests of bases that have
 * none, and returns the images with what was found. The models' layers stay in the builder's cache for the images, and so
 * do those of the other parts, made at the same time.
 * @throws UserError (exit 1) with a table for each that is below its gate, or when its file is not one that can be trusted.
 */
export async function makeParts(images: readonly Image[], options: BuildOptions): Promise<Image[]> {
  screen.phase("models and parts");
  return withScratch("mkimage-parts-", async (directory) => {
    const file = toPartsFile(images, {
      root: TOOL_ROOT,
      output: ({ target }) => `type=local,${csvField(`dest=${join(directory, target)}`)}`,
      secrets: options.secrets,
    });
    const open = openBases(images);
    const metadata = await runBuild(file, images, {
      ...options,
      groups: ["models", "parts", "cells"],
      provenance: open.length > 0,
    });
    const reports: Record<string, ModelReport> = {};
    const notes = new Set<string>();
    const below: Below[] = [];
    for (const [target, { variant, row }] of variantsOf(images)) {
      const report = modelReport.parse(
        JSON.parse(await readFile(join(directory, target, "report.json"), "utf8")),
      );
      for (const note of variantNotes({ ...variant, report }))
        notes.add(`note: ${variantTitle(variant)}: ${note}`);
      reports[target] = report;
      if (report.failure) {
        screen.row("models", row).failed("below its gate");
        below.push({ name: variant.name, ...report.failure });
      } else showMade(screen.row("models", row), tellingFigure(report));
    }
    requireGates(below);
    // Those of several architectures are often the same.
    for (const note of notes) say(note);
    return withFound(images, { reports, digests: baseDigests(open, metadata) });
  });
}
