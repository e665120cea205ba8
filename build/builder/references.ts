import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Sample } from "../../models/sample.ts";
import { type Asked, toReferenceFile } from "../bake/bake.ts";
import { csvField } from "../clients/csv.ts";
import { screen } from "../display/screen.ts";
import { withScratch } from "../leftovers/run-record.ts";
import type { Image } from "../plan/image.ts";
import { toVariant, type Variant } from "../plan/variant.ts";
import { TOOL_ROOT } from "../tool-root.ts";
import type { BuildOptions } from "./built.ts";
import { runBuild } from "./run-build.ts";

const fileSchema = z.object({
  reference: z.string(),
  replies: z.array(z.union([z.object({ reply: z.unknown() }), z.object({ reason: z.string() })])),
});

/** What a model's reference has answered: `replies` in the order of the samples, or why there is none. */
export interface ReferenceReplies extends z.output<typeof fileSchema> {
  readonly variant: Variant;
  readonly samples: readonly Sample[];
}

/** Each model of the images once, as its source has it. */
function sourcesOf(images: readonly Image[]): Map<string, Pick<Asked, "variant" | "python">> {
  const found = new Map<string, Pick<Asked, "variant" | "python">>();
  for (const { models, bases, arch } of images)
    for (const model of models)
      if (!found.has(model.name))
        found.set(model.name, {
          variant: toVariant(model, { quantization: "fp32", arch }),
          python: bases.python,
        });
  return found;
}

/**
 * Asks the reference of every model of the images: the stage's Python, with the model's own files. Nothing of the function's
 * program takes part.
 * @param samplesOf what a model is asked
 * @throws UserError as `runBake` does
 */
export async function askReferences(
  images: readonly Image[],
  samplesOf: (variant: Variant) => readonly Sample[],
  options: BuildOptions,
): Promise<ReferenceReplies[]> {
  screen.phase("reference replies");
  return withScratch("mkimage-reference-", async (directory) => {
    const asked: Asked[] = [];
    for (const [name, source] of sourcesOf(images)) {
      const folder = join(directory, `${name}.asked`);
      await mkdir(folder);
      const samples = samplesOf(source.variant).map(({ inputs, parameters }) => ({ inputs, parameters }));
      await writeFile(join(folder, "samples.json"), JSON.stringify(samples));
      asked.push({ ...source, folder, output: `type=local,${csvField(`dest=${join(directory, name)}`)}` });
      screen.row("models", name).running("asking its reference");
    }
    // Of no image: on a builder of several nodes, a reference is asked once.
    await runBuild(toReferenceFile(asked, { root: TOOL_ROOT, secrets: options.secrets }), [], {
      ...options,
      groups: [],
    });
    return Promise.all(
      asked.map(async ({ variant }) => {
        const text = await readFile(join(directory, variant.name, "replies.json"), "utf8");
        screen.row("models", variant.name).done("reference has answered");
        return { ...fileSchema.parse(JSON.parse(text)), variant, samples: samplesOf(variant) };
      }),
    );
  });
}
