import { buildCommand } from "../build-command.ts";
import {
  ARCHES,
  type Arch,
  DEFAULT_QUANTIZATION,
  names,
  type Os,
  osRow,
  PART_BASES,
  type PartBase,
  type Quantization,
} from "../catalog.ts";
import type { Config, FunctionConfig } from "../config/config.ts";
import type { OwnHandler } from "../config/user-handler.ts";
import type { UserError } from "../errors.ts";
import { labelsOf } from "../labels.ts";
import { type ReadyModel, toVariant, type Variant } from "./variant.ts";

/** A base image: the reference a person wrote, and the digest it was resolved to where that is known. */
export interface Base {
  readonly reference: string;
  readonly digest?: string | undefined;
}

/** Facts about the project that are not configuration: from git and the clock of the last commit. */
export interface Revision {
  readonly revision?: string | undefined;
  readonly source?: string | undefined;
  /** Why there is no revision, where there should be one. */
  readonly unknown?: UserError;
  /** Seconds since 1970 that images carry as their time of creation. */
  readonly epoch: number;
}

/** One cell of the matrix: everything that decides what is in the image. */
export interface Image {
  /** `<os>-<arch>`, with a suffix for a quantization that is not the default: the image's tag. */
  readonly name: string;
  /** Name of its bake target: unique in the plan. */
  readonly target: string;
  readonly function: string;
  readonly os: Os;
  readonly arch: Arch;
  readonly quantization: Quantization;
  /** OCI platform, `linux/arm64`. */
  readonly platform: string;
  /** Name in the engine's image store. */
  readonly reference: string;
  readonly repository: string;
  readonly version: string;
  readonly memory: number;
  /** `rie` and `glibc` only where the image carries them. */
  readonly bases: {
    readonly os: Base;
    readonly node: Base;
    readonly python: Base;
    readonly rie?: Base;
    readonly glibc?: Base;
  };
  /** The first one answers where a request names none. */
  readonly models: readonly [Variant, ...Variant[]];
  /** The project's own, in place of the default; `sources` is the folder that a builder gets of it. */
  readonly handler?: OwnHandler & { readonly sources: string };
  readonly allow?: FunctionConfig["allow"];
  /** What the smoke test sends to it. */
  readonly event?: FunctionConfig["event"];
  readonly labels: Readonly<Record<string, string>>;
  readonly epoch: number;
  /** The command line that builds it, for messages. */
  readonly command: string;
}

export interface PlanFacts {
  /** By name; holds every model that the configuration names. */
  readonly models: Readonly<Record<string, ReadyModel>>;
  /** Handler's file → folder with its sources, named by their content. */
  readonly sources: Readonly<Record<string, string>>;
  readonly revision: Revision;
  /** Reference → digest, from models/lock.json or resolved by the builder. */
  readonly digests: Readonly<Record<string, string>>;
  /** The project's name. */
  readonly project: string;
  /** The version of mkimage. */
  readonly tool: string;
}

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
  const { digests, models, revision, sources } = facts;
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
    bases: {
      os: toBase(config.bases[os] ?? osRow(os).base, digests),
      node: part("node"),
      python: part("python"),
      ...(config.rie ? { rie: part("rie") } : {}),
      ...(osRow(os).addGlibc ? { glibc: part("glibc") } : {}),
    },
    models: row.models.map((each) => toVariant(models[each] as ReadyModel, cell)) as [Variant, ...Variant[]],
    ...(row.handler && { handler: { ...row.handler, sources: sources[row.handler.file] as string } }),
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
