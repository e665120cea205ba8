import { join } from "node:path";
import type { ModelSpec } from "../../models/spec.ts";
import { taskRow } from "../../models/tasks.ts";
import { UserError } from "../errors.ts";
import { isPointer, pointerFault } from "../files/git-lfs.ts";
import { withoutMark } from "../files/json.ts";
import { readText } from "../files/limits.ts";
import { placeOutside } from "../files/places.ts";
import { systemFault } from "../files/system-fault.ts";

/** What the gate asks: a text, or two that the model reads as a pair. */
type GateSample = string | readonly [string, string];

type Permission = Pick<ModelSpec, "allowOutside">;

/**
 * A file in the project's models/.
 * @throws UserError (exit 2) when a link leads from there to a file outside of the project.
 */
async function placeOf(project: string, path: string, { allowOutside }: Permission): Promise<string> {
  const place = join(project, "models", path);
  const outside = allowOutside ? undefined : await placeOutside(project, place);
  if (!outside) return place;
  throw new UserError(`${place} is outside of the project: ${outside}`, {
    hint: 'Put the file in its place, or allow it by "allowOutside": true in the model\'s spec.',
  });
}

/** What a model that reads images is asked: the stage has no decoder, and makes noise for each. */
const NOISE = Array.from({ length: 16 }, (_, index) => `noise ${index + 1}`);

/** The texts of a sample's inputs, whatever the task wraps them in; a question stays with its context, a text with its pair. */
function textsOf(inputs: unknown): GateSample[] {
  if (typeof inputs === "string") return [inputs];
  if (Array.isArray(inputs)) return inputs.flatMap(textsOf);
  const { question, context, text, text_pair, source_sentence, sentences, content } = inputs as Record<
    string,
    unknown
  >;
  if (typeof text === "string" && typeof text_pair === "string") return [[text, text_pair]];
  if (typeof question === "string" && typeof context === "string") return [[question, context]];
  return [text, source_sentence, sentences, content].filter((each) => each !== undefined).flatMap(textsOf);
}

/**
 * What a model is asked in its gate: the texts of the spec's samples, then the lines of its file of texts.
 * @throws UserError (exit 2) when there is no such file.
 */
export async function readSamples(
  project: string,
  { task, samples, texts, allowOutside }: ModelSpec,
): Promise<GateSample[]> {
  if (taskRow(task).preprocessing === "images") return NOISE;
  const inputs = samples.flatMap((sample) => textsOf(sample.inputs));
  if (texts === undefined) return inputs;
  const path = await placeOf(project, texts, { allowOutside });
  const lines = await readText(path).catch((cause: Error) => {
    if (cause instanceof UserError) throw cause;
    throw new UserError(`Cannot read ${path}: ${systemFault(cause)}`, {
      hint: "Correct `texts` in the model's spec.",
      cause,
    });
  });
  if (isPointer(lines)) throw pointerFault(path);
  return [
    ...inputs,
    ...withoutMark(lines)
      .split(/\r?\n/)
      .filter((line) => line.trim() !== ""),
  ];
}

type Inputs = ModelSpec["samples"][number]["inputs"];

async function locate(project: string, inputs: unknown, permission: Permission): Promise<unknown> {
  if (Array.isArray(inputs)) return Promise.all(inputs.map((each) => locate(project, each, permission)));
  if (typeof inputs !== "object" || inputs === null || !("image" in inputs)) return inputs;
  return { image: await placeOf(project, String(inputs.image), permission) };
}

/** The spec with whole paths of its samples' images, so that whoever reads them need not know the project. */
export const locateSamples = async (project: string, spec: ModelSpec): Promise<ModelSpec> => ({
  ...spec,
  samples: await Promise.all(
    spec.samples.map(async (sample) => ({
      ...sample,
      inputs: (await locate(project, sample.inputs, spec)) as Inputs,
    })),
  ),
});
