import { publicSource } from "../../../models/public-url.ts";
import type { LockedFile, ModelSpec } from "../../../models/spec.ts";
import { hasBlob, Rejected, takeBlob } from "../../cache/blobs.ts";
import { withCacheLock } from "../../cache/mutex.ts";
import { screen } from "../../display/screen.ts";
import { UserError } from "../../errors.ts";
import { refusePointer } from "../../files/git-lfs.ts";
import { withScratch } from "../../leftovers/run-record.ts";
import { fetchFiles, parseSource } from "./index.ts";
import type { KnownFile } from "./source.ts";
import { Meter } from "./transfer-progress.ts";

export interface FetchOptions {
  readonly project: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Whether local files may lie outside of the project: `--allow-outside`, or the model's spec. */
  readonly allowOutside?: boolean | undefined;
}

/** Options with what a model's spec permits. */
export const withPermission = <T extends FetchOptions>(
  { allowOutside }: Pick<ModelSpec, "allowOutside">,
  options: T,
): T => (allowOutside ? { ...options, allowOutside } : options);

/** A file that is wanted, with what is known of it: its sha256 is checked where there is one. */
export interface WantedFile extends KnownFile {
  readonly source: string;
  readonly path: string;
  /** Who says the sha256. */
  readonly pinnedBy?: "lock" | "spec";
}

export type Wanted = Readonly<Record<string, WantedFile>>;
type Facts = Pick<LockedFile, "size" | "sha256">;

/** One source's files: fetched, checked and taken into the cache. */
class SourceFetch {
  readonly #model: string;
  readonly #source: string;
  /** The source in messages. */
  readonly #shown: string;
  readonly #options: FetchOptions & { commit?: string | undefined };
  #resumed = false;

  constructor(model: string, source: string, options: FetchOptions & { commit?: string | undefined }) {
    this.#model = model;
    this.#source = source;
    this.#shown = publicSource(source);
    this.#options = options;
  }

  /** Fetches what the cache lacks; by the time the lock is there, another process may have done it. */
  async run(files: Wanted): Promise<Record<string, Facts>> {
    const { log, signal } = this.#options;
    const onWait = () => log(`${this.#model}: waiting for another mkimage that fetches from ${this.#shown}`);
    return withCacheLock(this.#source, { signal, onWait }, async () => {
      const [present, missing] = await split(files);
      if (Object.keys(missing).length === 0) return present;
      log(`${this.#model}: fetching ${Object.keys(missing).join(", ")} from ${this.#shown}`);
      try {
        return { ...present, ...(await this.#fetch(missing)) };
      } catch (error) {
        // What a former run had left may have been damaged since: once more, from the start.
        if (!(error instanceof Rejected) || !this.#resumed) throw error;
        log(`${this.#model}: what a former run had left was damaged; fetching it again`);
        const [more, still] = await split(missing);
        return { ...present, ...more, ...(await this.#fetch(still)) };
      }
    }).catch((error) => Promise.reject(this.#explain(error, files)));
  }

  async #fetch(files: Wanted): Promise<Record<string, Facts>> {
    const sizes = Object.values(files).map(({ size }) => size);
    const total = sizes.every((size) => size !== undefined)
      ? sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
      : undefined;
    const meter = new Meter({ total, row: screen.row("files", `${this.#model} from ${this.#shown}`) });
    const taken = await withScratch("mkimage-fetch-", async (scratch) => {
      const fetched = await fetchFiles(this.#source, {
        ...this.#options,
        scratch,
        paths: Object.values(files).map(({ path }) => path),
        known: Object.fromEntries(Object.values(files).map((file) => [file.path, file])),
        meter: {
          add: (bytes) => meter.add(bytes),
          found: (bytes) => {
            this.#resumed ||= bytes > 0;
            meter.found(bytes);
          },
        },
      });
      return this.#take(files, fetched);
    });
    meter.end(Object.values(taken).reduce((sum, { size }) => sum + size, 0));
    return taken;
  }

  /** Every good file is taken, also when another one is rejected: it need not come again. */
  async #take(files: Wanted, fetched: Readonly<Record<string, string>>): Promise<Record<string, Facts>> {
    const { owned } = parseSource(this.#source).kind;
    for (const [name, { path }] of Object.entries(files))
      await refusePointer(fetched[path] as string, `${name} of model "${this.#model}" (${this.#shown})`);
    const taken: Record<string, Facts> = {};
    let rejected: unknown;
    const last = new Map(Object.entries(files).map(([name, { path }]) => [path, name]));
    for (const [name, { path, size, sha256 }] of Object.entries(files)) {
      const move = owned && last.get(path) === name;
      await takeBlob(fetched[path] as string, { move, size, sha256 }).then(
        (facts) => (taken[name] = facts),
        (error) => {
          if (!(error instanceof Rejected)) throw error;
          rejected ??= Object.assign(error, { file: name });
        },
      );
    }
    if (rejected) throw rejected;
    return taken;
  }

  #explain(error: unknown, files: Wanted): unknown {
    if (!(error instanceof Rejected)) return error;
    const { file = "" } = error as Rejected & { file?: string };
    const { size, sha256, pinnedBy = "lock" } = files[file] ?? {};
    const { actual, place } = error;
    const what = sha256
      ? `sha256 ${actual.sha256}, the ${pinnedBy} says ${sha256}`
      : `${actual.size} bytes, its source says ${size}`;
    const accept =
      pinnedBy === "lock"
        ? "`mkimage lock` accepts what the source has now."
        : "Correct the sha256 in the spec if it is the wrong one.";
    return new UserError(`${file} of model "${this.#model}" has ${what}`, {
      reason: "check",
      hint: `The source has changed or the download is damaged: nothing was built, and the file is kept as ${place}. ${accept}`,
    });
  }
}

/** The files whose content the cache has, and the others. */
async function split(
  files: Wanted,
): Promise<[present: Record<string, Facts>, missing: Record<string, WantedFile>]> {
  const present: Record<string, Facts> = {};
  const missing: Record<string, WantedFile> = {};
  for (const [name, file] of Object.entries(files)) {
    const { size, sha256 } = file;
    if (size !== undefined && sha256 && (await hasBlob({ size, sha256 }))) present[name] = { size, sha256 };
    else missing[name] = file;
  }
  return [present, missing];
}

/**
 * Gets a model's files into the cache, one source after the other, and measures them.
 * @throws UserError (exit 1) when a file is not what lock or spec say, (exit 2) when it does not exist, (exit 3) for network,
 * credentials and disk.
 */
export async function fetchToCache(
  model: string,
  wanted: Wanted,
  { commits = {}, ...options }: FetchOptions & { commits?: Readonly<Record<string, string>> | undefined },
): Promise<Record<string, LockedFile>> {
  const measured: Record<string, LockedFile> = {};
  for (const source of new Set(Object.values(wanted).map((file) => file.source))) {
    const mine = Object.fromEntries(Object.entries(wanted).filter(([, file]) => file.source === source));
    const facts = await new SourceFetch(model, source, { ...options, commit: commits[source] }).run(mine);
    for (const [name, { size, sha256 }] of Object.entries(facts)) {
      measured[name] = { source: publicSource(source), path: (mine[name] as WantedFile).path, size, sha256 };
    }
  }
  return measured;
}
