import { z } from "zod";
import type { Packed } from "../builder/built.ts";
import { recordsIn } from "../cache/records.ts";
import { digestOf } from "../files/digest.ts";
import type { Image } from "../plan/image.ts";
import type { Variant } from "../plan/variant.ts";
import { TOOL_VERSION } from "../tool-root.ts";
import { samplesOf, testCasesOf } from "./cases.ts";
import { RULES } from "./rules/rules.ts";
import type { SmokeResult } from "./smoke.ts";

/** An image that passed its smoke test on this machine. Only these are pushed. */
export interface Tested extends Packed {
  /** Digest of the test: its questions, limits and checks. */
  readonly testDigest: string;
}

/** What a model is asked, and what its answers are judged by. */
async function askedOf(variant: Variant) {
  const { name, spec, quantization } = variant;
  const { task, tolerance, gate } = spec;
  const events = (await testCasesOf(variant)).map(({ event }) => event);
  return {
    name,
    quantization,
    task,
    events,
    expected: samplesOf(spec).map(({ expected }) => expected),
    tolerance,
    gate,
  };
}

/** Digest of the smoke test of an image: its questions, limits and checks. */
async function testDigestOf({
  models,
  memory,
  timeout,
  ephemeralStorage,
  event,
  notSecret,
}: Image): Promise<string> {
  const asked = [];
  for (const variant of models) asked.push(await askedOf(variant));
  const rules = RULES.map(({ name, level }) => ({ name, level }));
  return digestOf({
    checks: TOOL_VERSION,
    rules,
    memory,
    timeout,
    ephemeralStorage,
    event,
    notSecret,
    asked,
  });
}

/**
 * The images that passed, with the name that each had. The key is the image's digest and that of the test: a record never
 * speaks of another image, or of a test that asked for less.
 */
const records = recordsIn("tested", z.object({ reference: z.string() }));

/** Notes that an image passed its smoke test; returns the test's digest. */
export async function recordTested({ id, ...image }: SmokeResult): Promise<string> {
  const testDigest = await testDigestOf(image);
  await records.write([id, testDigest], { reference: image.reference });
  return testDigest;
}

/** The image as one that passed what its test asks now; undefined where no record says so, by its config or manifest. */
export async function asTested(image: Packed): Promise<Tested | undefined> {
  const testDigest = await testDigestOf(image);
  const digests = [image.configDigest, image.digest];
  const found = await Promise.all(digests.map((digest) => records.read([digest, testDigest])));
  return found.some(Boolean) ? { ...image, testDigest } : undefined;
}
