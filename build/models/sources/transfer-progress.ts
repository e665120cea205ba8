import { megabytes } from "../../output.ts";

export interface MeterOptions {
  /** Bytes that are expected; undefined where nobody knows. */
  readonly total?: number | undefined;
  /** Takes one plain line now and then. */
  readonly log: (line: string) => void;
  /** Takes the characters of one line that is drawn again and again, on a terminal; undefined elsewhere. */
  readonly draw?: ((text: string) => void) | undefined;
  readonly now?: () => number;
}

/** Milliseconds between two drawings on a terminal, and between two lines elsewhere. */
const INTERVAL = { draw: 100, log: 5000 } as const;

const CLEAR = "\r\u001b[2K";

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${(minutes / 60).toFixed(1)} h`;
}

/** Progress of a transfer in bytes and time left: one line that is drawn anew on a terminal, a line every 5 s elsewhere. */
export class Meter {
  readonly #title: string;
  readonly #options: MeterOptions;
  readonly #start: number;
  #done = 0;
  /** Bytes that were there before this run: they say nothing about speed. */
  #found = 0;
  #shown: number;
  #drawn = false;

  constructor(title: string, options: MeterOptions) {
    this.#title = title;
    this.#options = options;
    this.#start = this.#now();
    this.#shown = this.#start;
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
    const { draw, log } = this.#options;
    if (this.#now() - this.#shown < (draw ? INTERVAL.draw : INTERVAL.log)) return;
    this.#shown = this.#now();
    this.#drawn = true;
    if (draw) draw(`${CLEAR}${this.line()}`);
    else log(this.line());
  }

  /** The state as one line. */
  line(): string {
    const { total } = this.#options;
    const speed = (Math.max(0, this.#done - this.#found) / Math.max(1, this.#now() - this.#start)) * 1000;
    const parts = [`${megabytes(this.#done)}${total ? ` of ${megabytes(total)}` : ""}`];
    if (total) parts.push(`${Math.min(100, Math.floor((this.#done / total) * 100))}%`);
    if (speed > 0) parts.push(`${megabytes(speed)}/s`);
    if (total && speed > 0 && total > this.#done)
      parts.push(`${duration((total - this.#done) / speed)} left`);
    return `${this.#title}: ${parts.join(", ")}`;
  }

  /** Takes the drawn line away. */
  end(): void {
    if (this.#drawn) this.#options.draw?.(CLEAR);
  }
}
