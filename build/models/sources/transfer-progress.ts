import type { Row } from "../../display/row.ts";
import { formatBytes } from "../../output.ts";

export interface MeterOptions {
  /** Bytes that are expected; undefined where nobody knows. */
  readonly total?: number | undefined;
  /** Where it is shown. */
  readonly row: Pick<Row, "counting" | "done">;
  readonly now?: () => number;
}

/** Milliseconds between two changes of what is shown. */
const INTERVAL = 100;

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${(minutes / 60).toFixed(1)} h`;
}

/** Progress of a transfer in bytes, rate and time left. */
export class Meter {
  readonly #options: MeterOptions;
  readonly #start: number;
  #done = 0;
  /** Bytes that were there before this run: they say nothing about speed. */
  #found = 0;
  #shown: number;

  constructor(options: MeterOptions) {
    this.#options = options;
    this.#start = this.#now();
    this.#shown = this.#start;
    options.row.counting("");
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  /** Counts bytes that a former run has left. */
  found(bytes: number): void {
    this.#found += bytes;
    this.#done += bytes;
  }

  /** Counts bytes that have just come; negative when they have to come again. */
  add(bytes: number): void {
    this.#done = Math.max(0, this.#done + bytes);
    if (this.#now() - this.#shown < INTERVAL) return;
    this.#shown = this.#now();
    this.#options.row.counting(this.line());
  }

  /** The state as one line. */
  line(): string {
    const { total } = this.#options;
    const speed = (Math.max(0, this.#done - this.#found) / Math.max(1, this.#now() - this.#start)) * 1000;
    const parts = [`${formatBytes(this.#done)}${total ? ` of ${formatBytes(total)}` : ""}`];
    if (total) parts.push(`${Math.min(100, Math.floor((this.#done / total) * 100))}%`);
    if (speed > 0) parts.push(`${formatBytes(speed)}/s`);
    if (total && speed > 0 && total > this.#done)
      parts.push(`${duration((total - this.#done) / speed)} left`);
    return parts.join(", ");
  }

  /** All is there. @param bytes of the files: those of a folder are read where they are, and not counted on the way */
  end(bytes: number): void {
    const seconds = (this.#now() - this.#start) / 1000;
    this.#options.row.done(`${formatBytes(bytes)} in ${duration(seconds)}`);
  }
}
