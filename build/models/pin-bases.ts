import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type BakeRun, resolveBases, runBake } from "../clients/buildx.ts";
import { csvField } from "../clients/csv.ts";
import { withScratch } from "../leftovers/run-record.ts";

/** Label of an image that stands in for one that cannot be had here (test/env/mirror): it must not be taken for the real one. */
const STAND_IN = "mkimage.stand-in";

const descriptor = z.object({ digest: z.string() });
const indexSchema = z.object({ manifests: z.array(descriptor).min(1) });
const manifestSchema = z.object({ config: descriptor });
const configSchema = z.object({
  config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

/** Labels of the only image in an OCI layout: https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
async function readLabels(layout: string): Promise<Record<string, string>> {
  const read = async (...path: string[]): Promise<unknown> =>
    JSON.parse(await readFile(join(layout, ...path), "utf8"));
  const blob = (digest: string | undefined) => read("blobs", ...(digest ?? "").split(":"));
  const index = indexSchema.parse(await read("index.json"));
  const manifest = manifestSchema.parse(await blob(index.manifests[0]?.digest));
  return configSchema.parse(await blob(manifest.config.digest)).config?.Labels ?? {};
}

/** Which of the pinned references carry the label, as the builder sees them: it knows mirrors and credentials. */
async function findStandIns(pinned: readonly string[], run: BakeRun): Promise<Set<string>> {
  return withScratch("mkimage-bases-", async (directory) => {
    const layout = (index: number) => join(directory, String(index));
    const targets = pinned.map((reference, index) => [
      `base${index}`,
      {
        context: directory,
        "dockerfile-inline": `FROM ${reference}\n`,
        output: [`type=oci,tar=false,${csvField(`dest=${layout(index)}`)}`],
      },
    ]);
    await runBake(
      {
        group: { default: { targets: targets.map(([name]) => name as string) } },
        target: Object.fromEntries(targets),
      },
      run,
    );
    const labels = await Promise.all(pinned.map((_, index) => readLabels(layout(index))));
    return new Set(pinned.filter((_, index) => labels[index]?.[STAND_IN] !== undefined));
  });
}

export interface PinOptions {
  readonly log: (line: string) => void;
  /** The digests that the lock has. */
  readonly old: Readonly<Record<string, string>>;
}

/**
 * The digests that base images have now, for the lock. That of a stand-in is not taken, with a word on each, and what the
 * lock has of the real one stays: nobody else could build from such a lock.
 * @throws UserError (exit 2) for a base that does not exist, (exit 3) when builder or registry do not answer.
 */
export async function pinBases(
  references: readonly string[],
  run: BakeRun,
  { log, old }: PinOptions,
): Promise<Record<string, string>> {
  const digests = await resolveBases(references, run);
  const pinned = Object.entries(digests).map(([reference, digest]) => `${reference}@${digest}`);
  if (pinned.length === 0) return {};
  const standIns = await findStandIns(pinned, run);
  return Object.fromEntries(
    Object.entries(digests).flatMap(([reference, digest]) => {
      if (!standIns.has(`${reference}@${digest}`)) return [[reference, digest]];
      log(`${reference} is not pinned again: this machine's mirror has a substitute`);
      const kept = old[reference];
      return kept && kept !== digest ? [[reference, kept]] : [];
    }),
  );
}
