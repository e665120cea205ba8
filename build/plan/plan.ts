import { ARCHES, DEFAULT_QUANTIZATION, names, osRow, PART_BASES, type PartBase } from "../catalog.ts";
import type { Revision } from "../clients/git.ts";
import type { Config, FunctionConfig } from "../config/config.ts";
import type { ReadyModel } from "../models/ready-model.ts";
import { buildCommand } from "./build-command.ts";
import { type Base, type Image, type PlanFacts, revisionOf } from "./image.ts";
import { labelsOf } from "./labels.ts";
import { toVariant, type Variant } from "./variant.ts";

/** A base that is pinned by its digest when one is known: `alpine:3.23@sha256:…`. */
export const pinned = ({ reference, digest }: Base): string =>
  digest ? `${reference}@${digest}` : reference;

/** A reference split into name and digest, the digest from the reference itself or from the table of known ones. */
function toBase(reference: string, digests: PlanFacts["digests"]): Base {
  const [name, own] = reference.split("@") as [string, string?];
  return {
    reference: name,
    digest: own ?? (Object.hasOwn(digests, reference) ? digests[reference] : undefined),
  };
}

/** References of every base image that the matrix needs, each once. */
export function baseReferences(config: Config): string[] {
  const references = config.os.map((os) => config.bases[os] ?? osRow(os).base);
  const parts = names(PART_BASES).filter((part) => isNeeded(part, config));
  return [...new Set([...references, ...parts.map((part) => config.bases[part] ?? PART_BASES[part])])].sort();
}

function isNeeded(part: PartBase, config: Config): boolean {
  if (part === "rie") return config.rie;
  return part !== "glibc" || config.os.some((os) => osRow(os).addGlibc);
}

/** The revision as a tag has it; files that differ from it are not passed over in silence. */
const shortRevision = ({ revision }: Revision) => revision?.replace(/^([0-9a-f]{12})[0-9a-f]*/, "$1");

type Cell = Pick<Image, "quantization" | "os" | "arch">;

function toImage(
  config: Config,
  row: FunctionConfig,
  { cell, facts }: { cell: Cell; facts: PlanFacts },
): Image {
  const { os, arch, quantization } = cell;
  const { digests, models, sources } = facts;
  const revision = revisionOf(facts, row.name);
  const name = `${os}-${arch}${quantization === DEFAULT_QUANTIZATION ? "" : `-${quantization}`}`;
  const part = (which: PartBase) => toBase(config.bases[which] ?? PART_BASES[which], digests);
  const image = {
    name,
    target: `${row.name}-${name}`,
    function: row.name,
    os,
    arch,
    quantization,
    platform: ARCHES[arch].platform,
    repository: row.repository,
    reference: `${row.repository}:${name}`,
    version: config.version ?? shortRevision(revision) ?? "0",
    memory: row.memory,
    timeout: row.deploy.timeout,
    ephemeralStorage: row.deploy.ephemeralStorage ?? 512,
    bases: {
      os: toBase(config.bases[os] ?? osRow(os).base, digests),
      node: part("node"),
      python: part("python"),
      ...(config.rie ? { rie: part("rie") } : {}),
      ...(osRow(os).addGlibc ? { glibc: part("glibc") } : {}),
    },
    models: row.models.map((each) => toVariant(models[each] as ReadyModel, cell)) as [Variant, ...Variant[]],
    ...(row.handler && { handler: { ...row.handler, sources: sources[row.handler.file] as string } }),
    ...(row.notSecret && { notSecret: row.notSecret }),
    ...(row.allow && { allow: row.allow }),
    ...(row.event && { event: row.event }),
    epoch: revision.epoch,
    command: buildCommand(config.flags, { function: row.name, ...cell }),
  };
  return { ...image, labels: labelsOf(image, facts) };
}

/**
 * The matrix of a configuration as a list of images: functions × quantizations × operating systems × architectures.
 * Pure: the same arguments give the same plan, and nothing outside is read.
 */
export function makePlan(config: Config, facts: PlanFacts): Image[] {
  return config.functions.flatMap((row) =>
    config.quantization.flatMap((quantization) =>
      config.os.flatMap((os) =>
        config.arch.map((arch) => toImage(config, row, { cell: { quantization, os, arch }, facts })),
      ),
    ),
  );
}
