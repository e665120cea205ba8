import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelSpec } from "../models/spec.ts";
import { UserError } from "./errors.ts";

/**
 * What a model is asked in its gate: the inputs of the spec's samples, then the lines of its file of texts.
 * @throws UserError (exit 2) when there is no such file.
 */
export async function readSamples(project: string, { samples, texts }: ModelSpec): Promise<string[]> {
  const inputs = samples.map((sample) => sample.inputs);
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

/** What a model is asked in the smoke test: the spec's samples, or one of our own where it has none. */
export const samplesOf = ({ samples }: ModelSpec): ModelSpec["samples"] =>
  samples.length > 0 ? samples : [{ inputs: "hello world" }];
