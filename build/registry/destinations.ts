import { ContainerRegistry } from "../clients/container-registry.ts";
import { Ecr } from "../clients/ecr.ts";
import { type EcrRegistry, isImmutable } from "../clients/ecr-repository.ts";
import { EcrScans } from "../clients/ecr-scans.ts";
import { EcrSettings } from "../clients/ecr-settings.ts";
import type { ImageRegistry } from "../clients/repository.ts";
import { ECR_DEFAULTS, type EcrConfig } from "../config/ecr.ts";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";
import { isEcr, type Place } from "./places.ts";
import { creationSettings } from "./settings.ts";

/** What only ECR has. */
export interface EcrParts {
  readonly ecr: Ecr;
  readonly settings: EcrSettings;
  readonly scans: EcrScans;
}

/** A registry that images are pushed to. */
export interface Destination {
  /** For people: `eu-west-1`, with the account where it is another one; `ghcr.io/team`. */
  readonly title: string;
  readonly registry: ImageRegistry;
  /** Undefined for a registry that is not of ECR. */
  readonly parts: EcrParts | undefined;
}

/** A registry that Lambda takes images from. */
interface EcrDestination extends Destination {
  readonly parts: EcrParts;
}

/** @param registry undefined for the credentials' own account and region */
export function ecrDestination(registry: EcrRegistry | undefined, signal: AbortSignal): EcrDestination {
  const title = registry
    ? [registry.account, registry.region].filter(Boolean).join("/")
    : "the default registry";
  const ecr = new Ecr(signal, registry);
  const parts = {
    ecr,
    settings: new EcrSettings(signal, registry),
    scans: new EcrScans(signal, registry),
  };
  return { title, registry: ecr, parts };
}

/** @param config `ecr` of mkimage.json: its tags are immutable in other registries as well, as far as this tool goes */
export function destinationOf(
  place: Place,
  { signal, config = ECR_DEFAULTS }: { readonly signal: AbortSignal; readonly config: EcrConfig | undefined },
): Destination {
  if (isEcr(place)) return ecrDestination(place, signal);
  const settings = creationSettings(config);
  const registry = new ContainerRegistry(place, {
    signal,
    isImmutable: (tag) => isImmutable(settings, tag),
    tagRule: "Tags stay with their image unless `ecr.tagMutability` of mkimage.json is mutable.",
  });
  return { title: [place.host, place.path].filter(Boolean).join("/"), registry, parts: undefined };
}

/** Options of a push for what only ECR has. */
interface EcrFlags {
  readonly failOn?: string | undefined;
  readonly updateRepository?: boolean | undefined;
}

/**
 * Sees that what only ECR has is asked of one of its registries, and says where it is left out.
 * @throws UserError (exit 2) where none of the registries is of ECR
 */
export function checkEcrFlags(
  destinations: readonly Destination[],
  { failOn, updateRepository }: EcrFlags,
): void {
  const asked = [
    ...(failOn === undefined ? [] : ["--fail-on is for the findings of ECR's scan"]),
    ...(updateRepository ? ["--update-repository is for the settings of ECR's repositories"] : []),
  ];
  const others = destinations.filter(({ parts }) => !parts).map(({ title }) => title);
  if (others.length === 0) return;
  for (const flag of asked) {
    if (others.length === destinations.length) {
      throw new UserError(`${flag}, and ${others.join(", ")} is not of ECR`, {
        hint: "Leave it out, or name a registry of ECR as well.",
      });
    }
    say(`note: ${flag}: not used for ${others.join(", ")}`);
  }
}

/** Steps at several destinations: one that fails is left out of the steps after it, and does not stop the others. */
export class Several<T extends { readonly title: string }> {
  readonly #all: readonly T[];
  readonly #signal: AbortSignal;
  readonly #faults = new Map<T, UserError>();

  constructor(all: readonly T[], signal: AbortSignal) {
    this.#all = all;
    this.#signal = signal;
  }

  /**
   * A step at all destinations that have not failed, one after the other.
   * @throws UserError when none is left
   */
  async all<R>(step: (at: T) => Promise<R>): Promise<Map<T, R>> {
    const done = new Map<T, R>();
    for (const at of this.#all) {
      if (this.#faults.has(at)) continue;
      try {
        done.set(at, await step(at));
      } catch (error) {
        this.#signal.throwIfAborted();
        if (!(error instanceof UserError)) throw error;
        this.#faults.set(at, error);
        if (this.#faults.size < this.#all.length) say(`${at.title}: ${error.message}`);
      }
    }
    const fault = this.#faults.size === this.#all.length ? this.fault() : undefined;
    if (fault) throw fault;
    return done;
  }

  /** What failed, as one error with the exit code of the first; undefined when nothing did. */
  fault(): UserError | undefined {
    const [first] = this.#faults.values();
    if (!first || this.#all.length === 1) return first;
    const lines = [...this.#faults].map(([{ title }, { message }]) => `${title}: ${message}`);
    return first.ofSeveral(`${this.#faults.size} of ${this.#all.length} registries failed`, lines);
  }
}
