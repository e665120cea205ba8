import { Ecr } from "../clients/ecr.ts";
import type { EcrRegistry } from "../clients/ecr-repository.ts";
import { EcrScans } from "../clients/ecr-scans.ts";
import { EcrSettings } from "../clients/ecr-settings.ts";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";

/** A registry that images are pushed to. */
export interface Destination {
  /** For people: `eu-west-1`, with the account where it is another one. */
  readonly title: string;
  readonly ecr: Ecr;
  readonly settings: EcrSettings;
  readonly scans: EcrScans;
}

/** @param registry undefined for the credentials' own account and region */
export const destinationOf = (registry: EcrRegistry | undefined, signal: AbortSignal): Destination => ({
  title: registry ? [registry.account, registry.region].filter(Boolean).join("/") : "the default registry",
  ecr: new Ecr(signal, registry),
  settings: new EcrSettings(signal, registry),
  scans: new EcrScans(signal, registry),
});

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
