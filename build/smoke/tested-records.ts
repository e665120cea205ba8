import { z } from "zod";
import { recordsIn } from "../cache/records.ts";
import { digestOf } from "../files/digest.ts";
import type { Image } from "../plan/image.ts";
import type { Variant } from "../plan/variant.ts";
import { TOOL_VERSION } from "../tool-root.ts";
import { questionsOf } from "./cases.ts";
import type { Tested } from "./smoke.ts";

/** What a model is asked, and what its answers are judged by. */
async function askedOf(variant: Variant) {
  const { name, spec, quantization } = variant;
  const { task, samples, tolerance, gate } = spec;
  const events = (await questionsOf(variant)).map(({ event }) => event);
  return {
    name,
    quantization,
    task,
    events,
    expected: samples.map((each) => each.expected),
    tolerance,
    gate,
  };
}

/** Digest of the smoke test of an image: its questions, limits and checks. */
async function testDigest({ models, memory, event }: Image): Promise<string> {
  const asked = [];
  for (const variant of models) asked.push(await askedOf(variant));
  return digestOf({ checks: TOOL_VERSION, memory, event, asked });
}

/**
 * The images that passed, with the name that each had. The key is the image's digest and that of the test: a record never
 * speaks of another image, or of a test that asked for less.
 */
const records = recordsIn("tested", z.object({ reference: z.string() }));

/** Notes that images passed the smoke test. */
export async function recordTested(tested: readonly Tested[]): Promise<void> {
  for (const image of tested)
    await records.write([image.id, await testDigest(image)], { reference: image.reference });
}

/** Whether an image with one of these digests (config or manifest) passed on this machine what its test asks now. */
export async function wasTested(image: Image, digests: readonly string[]): Promise<boolean> {
  const test = await testDigest(image);
  const found = await Promise.all(digests.map((digest) => records.read([digest, test])));
  return found.some(Boolean);
}
