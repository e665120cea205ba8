import type { Arch, Os, Quantization } from "../catalog.ts";
import type { Revision } from "../clients/git.ts";
import type { FunctionConfig } from "../config/config.ts";
import type { UserHandler } from "../config/user-handler.ts";
import type { ReadyModel } from "../models/ready-model.ts";
import type { Variant } from "./variant.ts";

/** A base image: the reference a person wrote, and the digest it was resolved to where that is known. */
export interface Base {
  readonly reference: string;
  readonly digest?: string | undefined;
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
  /** MB. */
  readonly memory: number;
  /** Seconds that an event may take. */
  readonly timeout: number;
  /** Size of /tmp in MB. */
  readonly ephemeralStorage: number;
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
  readonly handler?: UserHandler & { readonly sources: string };
  /** Files whose keys or tokens are no secrets. */
  readonly notSecret?: FunctionConfig["notSecret"];
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
  /** Of the project. */
  readonly revision: Revision;
  /** Function → the revision of what its images are made of. Default: the project's. */
  readonly revisions?: Readonly<Record<string, Revision>>;
  /** Reference → digest, from models/lock.json or resolved by the builder. */
  readonly digests: Readonly<Record<string, string>>;
  /** The project's name. */
  readonly project: string;
  /** The version of mkimage. */
  readonly tool: string;
}

/** The revision of what a function's images are made of. */
export const revisionOf = ({ revision, revisions = {} }: PlanFacts, name: string): Revision =>
  revisions[name] ?? revision;
