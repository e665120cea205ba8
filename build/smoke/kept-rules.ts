import type Docker from "dockerode";
import { partNames } from "../bake/bake.ts";
import { osRow } from "../catalog.ts";
import type { StoredImage } from "../clients/docker.ts";
import { type ImageRecord, imageRecords } from "../engine/image-records.ts";
import type { Image } from "../plan/image.ts";
import type { AbiReport } from "./abi/abi.ts";
import { abiOf } from "./rules/file-rules.ts";
import { type Packing, storedFacts } from "./rules/image-facts.ts";
import type { Inspection } from "./rules/rule.ts";
import { checkRules, type RuleResult, requireRules, requireSize } from "./rules/rules.ts";

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

/**
 * Checks an image of the project against every rule, before anything of it is started.
 * @throws UserError (exit 1) that names the broken rules, with their files and what to do
 */
export async function requireKept(docker: Docker, image: Image, { id, size }: StoredImage): Promise<Kept> {
  requireSize(image.reference, size);
  const inspection = await inspectionOf(docker, image, id);
  const rules = await checkRules(inspection);
  requireRules(rules, image.reference);
  return { abi: abiOf(inspection), rules };
}
