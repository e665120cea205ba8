import type Docker from "dockerode";
import { z } from "zod";
import { partNames } from "../bake/bake.ts";
import { recordsIn } from "../cache/records.ts";
import { osRow } from "../catalog.ts";
import type { StoredImage } from "../clients/docker.ts";
import { type ImageRecord, imageRecords } from "../engine/image-records.ts";
import type { Image } from "../plan/image.ts";
import { TOOL_VERSION } from "../tool-root.ts";
import type { AbiReport } from "./abi/abi.ts";
import { abiOf } from "./rules/file-rules.ts";
import { type Packing, storedFacts } from "./rules/image-facts.ts";
import type { Inspection } from "./rules/rule.ts";
import { checkRules, RULES, type RuleResult, requireRules, requireSize } from "./rules/rules.ts";

/** How the builder has packed an image, where it told so. */
function recordedPacking(record: ImageRecord | undefined): Packing | undefined {
  const types = record?.layers.flatMap(({ mediaType }) => mediaType ?? []) ?? [];
  if (!record?.mediaType || types.length === 0) return undefined;
  const { mediaType, configMediaType: config } = record;
  return { mediaType, config, layers: types, platforms: [], attestations: 0 };
}

/** Reads an image of the project once, for the rules and for what `inspect` shows of its files. */
export async function inspectionOf(docker: Docker, image: Image, id: string): Promise<Inspection> {
  const [facts, record] = await Promise.all([storedFacts(docker, id), imageRecords.read(id)]);
  const below = facts.layers.length - partNames(image).length;
  return {
    ...facts,
    packing: facts.packing ?? recordedPacking(record),
    arch: image.arch,
    abi: osRow(image.os).abi,
    notSecret: image.notSecret,
    ownFrom: below > 0 ? below : undefined,
  };
}

/** What was found of an image without running anything of it. */
export interface Kept {
  readonly abi: AbiReport;
  readonly rules: readonly RuleResult[];
}

const faultSchema = z.object({ subject: z.string(), what: z.string() });
const versions = z.partialRecord(z.enum(["GLIBC", "GLIBCXX", "CXXABI"]), z.string());
const inspectedSchema = z.object({
  abi: z.object({ files: z.number(), newest: versions }),
  /** Rule → what became of it. */
  rules: z.record(
    z.string(),
    z.object({ status: z.enum(["kept", "broken", "unknown"]), faults: z.array(faultSchema).readonly() }),
  ),
});

/** Images that keep the rules, by their ids and all that the rules look at beside them. */
const records = recordsIn("inspected", inspectedSchema);

/** What the verdict on an image depends on. */
const keyOf = (image: Image, id: string, record: ImageRecord | undefined) => ({
  id,
  checks: TOOL_VERSION,
  rules: RULES.map(({ name, level }) => ({ name, level })),
  arch: image.arch,
  abi: osRow(image.os).abi,
  notSecret: image.notSecret,
  packing: recordedPacking(record),
});

/**
 * Checks an image of the project against every rule, before anything of it is started. An image that keeps them is read once:
 * its id stands for its content.
 * @throws UserError (exit 1) that names the broken rules, with their files and what to do
 */
export async function requireKept(docker: Docker, image: Image, { id, size }: StoredImage): Promise<Kept> {
  requireSize(image.reference, size);
  const key = keyOf(image, id, await imageRecords.read(id));
  const known = await records.read(key);
  if (known) {
    const rules = RULES.flatMap(({ check: _, ...rule }) => {
      const result = known.rules[rule.name];
      return result ? [{ ...rule, ...result }] : [];
    });
    return { abi: { ...known.abi, faults: [] }, rules };
  }
  const inspection = await inspectionOf(docker, image, id);
  const rules = await checkRules(inspection);
  requireRules(rules, image.reference);
  const abi = abiOf(inspection);
  const found = rules.map(({ name, status, faults }) => [name, { status, faults }] as const);
  if (abi.faults.length === 0)
    await records.write(key, {
      abi: { files: abi.files, newest: abi.newest },
      rules: Object.fromEntries(found),
    });
  return { abi, rules };
}
