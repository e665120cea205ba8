import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { LAMBDA_EXPORT } from "../bake/bake.ts";
import { BASELINE_PARTS, type BuiltBaseline, baselineSettings, toBaselineFile } from "../bake/baseline.ts";
import { type Descriptor, readLayout } from "../builder/oci.ts";
import { BASELINE_BASES, PART_BASES } from "../catalog.ts";
import { builderDriver, runBake } from "../clients/buildx.ts";
import { csvField } from "../clients/csv.ts";
import { findImage } from "../clients/docker.ts";
import { digestOf } from "../files/digest.ts";
import { withScratch } from "../leftovers/run-record.ts";
import { say } from "../output.ts";
import type { Variant } from "../plan/variant.ts";
import { TOOL_ROOT } from "../tool-root.ts";
import { imageRecords } from "./image-records.ts";
import { requireStored } from "./require-stored.ts";

const LABEL = "mkimage.baseline";

/** An image that is measured beside mkimage's. */
export interface BaselineImage {
  readonly reference: string;
  readonly id: string;
  /** Bytes of all layers unpacked. */
  readonly unpacked: number;
  /** Packed layers, the lowest first; empty where the builder packs none. */
  readonly layers: readonly Descriptor[];
}

interface EnsureOptions {
  readonly signal: AbortSignal;
  readonly secrets: readonly string[];
}

/** The part's files by their names. */
async function filesOf(part: string): Promise<Record<string, string>> {
  const folder = join(TOOL_ROOT, "images", part);
  const names = (await readdir(folder)).toSorted();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const)),
  );
}

/**
 * The image of a baseline for a model, in the variant's architecture; built when the engine's store lacks it.
 * @throws UserError as `runBake` does
 */
export async function ensureBaseline(
  docker: Docker,
  name: BuiltBaseline,
  variant: Variant,
  { signal, secrets }: EnsureOptions,
): Promise<BaselineImage> {
  const part = BASELINE_PARTS[name];
  const digest = digestOf({
    files: await filesOf(part),
    bases: [PART_BASES.node, BASELINE_BASES],
    model: variant.digest,
    settings: baselineSettings(variant),
  });
  const reference = `mkimage/${part}:${variant.name}-${variant.arch}`;
  const stored = await findImage(docker, reference);
  const isKnown = stored?.labels[LABEL] === digest && (await imageRecords.read(stored.id));
  if (!isKnown) {
    say(`building the baseline ${name} for ${variant.name} (once)`);
    await build(name, variant, { docker, signal, secrets, reference, label: { [LABEL]: digest } });
  }
  return found(docker, name, reference);
}

interface BuildOptions extends EnsureOptions {
  readonly docker: Docker;
  readonly reference: string;
  readonly label: Readonly<Record<string, string>>;
}

/** Builds it into the engine's store, and notes how it is packed where the builder packs layers. */
async function build(
  name: BuiltBaseline,
  variant: Variant,
  { docker, signal, secrets, reference, label }: BuildOptions,
): Promise<void> {
  await withScratch("mkimage-baseline-", async (scratch) => {
    const layout = `type=oci,tar=false,${csvField(`dest=${join(scratch, "layout")}`)},${LAMBDA_EXPORT}`;
    const packs = (await builderDriver()) !== "docker";
    const output = ["type=docker", ...(packs ? [layout] : [])];
    const options = { root: TOOL_ROOT, reference, label, secrets, output };
    await runBake(toBaselineFile(name, variant, options), { signal });
    const stored = await requireStored(docker, reference);
    const oci = packs ? await readLayout(join(scratch, "layout")) : undefined;
    await imageRecords.write(stored.id, {
      digest: oci?.manifest.digest ?? stored.id,
      configDigest: oci?.config.digest ?? stored.id,
      layers: (oci?.layers ?? []).map(({ digest, size, mediaType }) => ({ digest, size, mediaType })),
      reports: {},
    });
  });
}

/** @throws UserError (exit 3) when the engine does not have it */
async function found(docker: Docker, name: BuiltBaseline, reference: string): Promise<BaselineImage> {
  const stored = await requireStored(docker, reference);
  const { layers = [] } = (await imageRecords.read(stored.id)) ?? {};
  if (name !== "python") return { reference, id: stored.id, unpacked: stored.size, layers };
  // The last layer is the Node that measures (images/baseline-python).
  const [{ Size }] = (await docker.getImage(stored.id).history()) as [{ Size: number }];
  return { reference, id: stored.id, unpacked: stored.size - Size, layers: layers.slice(0, -1) };
}
