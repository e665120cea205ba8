import type { Lambda } from "../../clients/lambda.ts";
import { toInput, type VersionSettings } from "../../deploy/fields.ts";
import { settled } from "../../deploy/wait.ts";
import { noteLeftover } from "../../leftovers/run-record.ts";
import { ownerTag, TAGS } from "./owner.ts";
import { architectureOf, type BenchSource } from "./source.ts";
import { benchName } from "./sweep.ts";

/** Milliseconds for removing a function after Ctrl-C, when nothing else may be waited for. */
const REMOVAL = 30_000;

export interface FunctionOptions {
  readonly lambda: Lambda;
  /** Its clients end with another signal: what was made is removed after Ctrl-C too. */
  readonly cleaner: (signal: AbortSignal) => Lambda;
  readonly signal: AbortSignal;
  readonly run: string;
  readonly region: string;
  /** When the run is over at the latest. */
  readonly until: Date;
}

const owner = (): string => ownerTag() ?? "unknown";

interface Start {
  readonly memory: number;
  readonly snapStart: boolean;
  /** Whether the program is to tell the steps of its start, in the log. */
  readonly tellsSteps: boolean;
}

/** Lambda writes the report of an invocation at this level. */
const REPORTED = "INFO";

/** The log of the function with its reports; for a start that is told, with the program's own lines of level DEBUG. */
function logging({ logging: live }: VersionSettings, tellsSteps: boolean): VersionSettings["logging"] {
  if (tellsSteps) return { format: "json", level: "DEBUG", systemLevel: REPORTED, group: live?.group };
  return live?.format === "json"
    ? { ...live, systemLevel: REPORTED }
    : { format: "text", group: live?.group };
}

/** A function that is made for measuring, beside the one that callers have. */
export class BenchFunction {
  readonly name: string;
  readonly #source: BenchSource;
  readonly #options: FunctionOptions;
  #starts = 0;
  #version: string | undefined;
  #isNoted = false;
  #isMade = false;
  #removed: (() => void) | undefined;

  constructor(source: BenchSource, place: number, options: FunctionOptions) {
    this.name = benchName(source.name, options.run, place);
    this.#source = source;
    this.#options = options;
  }

  /** What callers of it name: `$LATEST`, or the version that has the snapshot. */
  get qualifier(): string {
    return this.#version ?? "$LATEST";
  }

  #input({ memory, snapStart, tellsSteps }: Start) {
    const { settings } = this.#source;
    return toInput({
      ...settings,
      memory,
      snapStart,
      logging: logging(settings, tellsSteps),
      // Another value each time: Lambda starts new environments for a function that has changed.
      environment: { ...settings.environment, MKIMAGE_BENCH: `${this.#options.run} ${++this.#starts}` },
    });
  }

  async #create(start: Start): Promise<void> {
    const { lambda, run, region, until } = this.#options;
    const { tags, remote, settings, beside } = this.#source;
    this.#removed ??= noteLeftover({ kind: "function", name: this.name, region });
    this.#isNoted = true;
    const made = lambda.createFunction({
      FunctionName: this.name,
      Description: this.#description,
      PackageType: "Image",
      Code: { ImageUri: remote },
      Architectures: [architectureOf(this.#source)],
      Role: settings.role,
      ...this.#input(start),
      ...beside,
      Tags: {
        ...tags,
        [TAGS.run]: run,
        [TAGS.owner]: owner(),
        [TAGS.until]: until.toISOString(),
      },
    });
    await made.catch(async (error: unknown) => {
      // The answer to an earlier try may have been lost. Another one of this name is not to be called.
      if (!(await this.#isOwn(lambda).catch(() => false))) throw error;
    });
    this.#isMade = true;
  }

  /** Names the process: another run may have a function of this name. Tags cannot be read by all who may make functions. */
  get #description(): string {
    return `mkimage bench ${this.#options.run} of ${owner()}: removed at its end`;
  }

  /** Whether the function of this name is the one that this process has made. */
  async #isOwn(lambda: Lambda): Promise<boolean> {
    const found = await lambda.findFunction(this.name);
    return found?.configuration.Description === this.#description;
  }

  /** Has the next call start a new environment. */
  async renew(start: Start): Promise<void> {
    const { lambda, signal } = this.#options;
    if (!this.#isMade) await this.#create(start);
    else await lambda.updateConfiguration({ FunctionName: this.name, ...this.#input(start) });
    await settled(this.name, { lambda, signal });
    if (this.#version) await lambda.deleteVersion(this.name, this.#version);
    this.#version = undefined;
    if (!start.snapStart) return;
    const { Version } = await lambda.publishVersion({ FunctionName: this.name });
    this.#version = Version;
    await settled(this.name, { lambda, signal }, Version);
  }

  /** Removes it, also when the run has been aborted. */
  async remove(): Promise<void> {
    // One that was refused, or whose answer was lost, may be there.
    if (!this.#isNoted) return;
    const lambda = this.#options.cleaner(AbortSignal.timeout(REMOVAL));
    if (await this.#isOwn(lambda)) await lambda.deleteFunction(this.name);
    this.#removed?.();
  }
}
