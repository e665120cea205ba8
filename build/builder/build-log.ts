import { mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { withoutUrlSecrets } from "../../models/public-url.ts";
import { cachePath } from "../cache/folders.ts";
import type { BuildStatus } from "../clients/rawjson.ts";

/** A file with everything that the builder says in this run; it is there from the first build on. */
class BuildLog {
  readonly #told = new Map<string, string>();
  #file: number | undefined;
  #path: string | undefined;

  /** Undefined where nothing was written: without a build, or to a cache that cannot be written to. */
  get path(): string | undefined {
    return this.#path;
  }

  /** Adds what is new in a message: the start and the end of each step, and its output. */
  write({ steps, output }: BuildStatus): void {
    const lines = steps.flatMap(({ digest, name, started, completed, cached, error }) => {
      const state =
        completed === undefined ? (started === undefined ? "" : "starts") : cached ? "cached" : "done";
      const took =
        completed !== undefined && started !== undefined ? ` after ${(completed - started) / 1000} s` : "";
      const what = error ? `ERROR: ${error}` : state;
      // Every target tells of a step that it shares with others.
      if (!what || this.#told.get(digest) === "done" || this.#told.get(digest) === what) return [];
      this.#told.set(digest, state === "cached" ? "done" : what);
      return [`${name} ${what}${cached || error ? "" : took}`];
    });
    const texts = output.map(({ text }) => text.trimEnd()).filter(Boolean);
    this.#append([...lines, ...texts].map((line) => `${line}\n`).join(""));
  }

  #append(text: string): void {
    if (!text) return;
    try {
      this.#file ??= this.#open();
      writeSync(this.#file, withoutUrlSecrets(text));
    } catch (error) {
      if (!(error as NodeJS.ErrnoException).code) throw error;
      this.#path = undefined;
    }
  }

  #open(): number {
    const time = new Date().toISOString().replace(/[:.]/g, "-");
    const path = cachePath("logs", `build-${time}-${process.pid}.log`);
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, "a", 0o600);
    this.#path = path;
    return file;
  }
}

export const buildLog = new BuildLog();
