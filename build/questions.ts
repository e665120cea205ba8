import { readFile } from "node:fs/promises";
import { taskRow } from "../models/spec.ts";
import { checkClasses } from "./classes.ts";
import { UserError } from "./errors.ts";
import { makePicture } from "./picture.ts";
import type { Variant } from "./variants.ts";
import { checkVector } from "./vector.ts";

/** What the smoke test sends to a model, and how it judges the answer. */
export interface Question {
  /** The event, without the model's name. */
  readonly event: Readonly<Record<string, unknown>>;
  /** @returns the largest difference from an expected number. @throws UserError (exit 1) with what is wrong. */
  check(body: string): number;
}

/** All classes, however many, as probabilities. */
const ALL_CLASSES = { top_k: 1_000_000, function_to_apply: "softmax" };

async function readImage(path: string): Promise<string> {
  const content = await readFile(path).catch((cause: Error) => {
    throw new UserError(`Cannot read ${path}: ${cause.message}`, {
      hint: "Correct `samples` in the model's spec.",
      cause,
    });
  });
  return content.toString("base64");
}

/**
 * The samples of a model's spec as questions; one of our own where it has none.
 * @throws UserError (exit 2) when a sample's image is not there.
 */
export async function questionsOf({ spec, recipe }: Variant): Promise<Question[]> {
  const { task, samples, normalize, tolerance, gate } = spec;
  const kept = recipe.method === "keep";
  if (taskRow(task).reads === "images") {
    const images = await Promise.all(
      samples.map(async ({ inputs, expected }) => ({
        expected,
        inputs: typeof inputs === "string" ? inputs : await readImage(inputs.image),
      })),
    );
    const asked =
      images.length > 0 ? images : [{ inputs: makePicture().toString("base64"), expected: undefined }];
    return asked.map(({ inputs, expected }) => ({
      event: { inputs, parameters: ALL_CLASSES },
      // Numbers of a quantized model are others: how near its answers have to be is what the gate says.
      check: (body) => checkClasses(body, { tolerance, expected: kept ? expected : undefined }),
    }));
  }
  const cosine = kept ? undefined : gate.cosine;
  const asked = samples.length > 0 ? samples : [{ inputs: "hello world", expected: undefined }];
  return asked.map(({ inputs, expected }) => ({
    event: { inputs },
    check: (body) => checkVector(body, { normalize, tolerance, cosine, expected }),
  }));
}
