import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ModelSpec, taskRow } from "../models/spec.ts";
import { UserError } from "./errors.ts";

/** What a model that reads images is asked: the stage has no decoder, and makes noise for each. */
const NOISE = Array.from({ length: 16 }, (_, index) => `noise ${index + 1}`);

/**
 * What a model is asked in its gate: the inputs of the spec's samples, then the lines of its file of texts.
 * @throws UserError (exit 2) when there is no such file.
 */
export async function readSamples(project: string, { task, samples, texts }: ModelSpec): Promise<string[]> {
  if (taskRow(task).reads === "images") return NOISE;
  const inputs = samples.flatMap((sample) => (typeof sample.inputs === "string" ? sample.inputs : []));
  if (texts === undefined) return inputs;
  const path = join(project, "models", texts);
  const lines = await readFile(path, "utf8").catch((cause: Error) => {
    throw new UserError(`Cannot read ${path}: ${cause.message}`, {
      hint: "Correct `texts` in the model's spec.",
      cause,
    });
  });
  return [...inputs, ...lines.split(/\r?\n/).filter((line) => line.trim() !== "")];
}

/** The spec with whole paths of its samples' images, so that whoever reads them need not know the project. */
export const locateSamples = (project: string, spec: ModelSpec): ModelSpec => ({
  ...spec,
  samples: spec.samples.map(({ inputs, ...rest }) => ({
    ...rest,
    inputs: typeof inputs === "string" ? inputs : { image: join(project, "models", inputs.image) },
  })),
});
