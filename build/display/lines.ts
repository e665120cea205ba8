import { isFinal, type Renderer, type RowView } from "./row.ts";

const TITLES: Readonly<Record<RowView["group"], string>> = {
  files: "file",
  models: "model",
  parts: "part",
  cells: "cell",
};

/** How often it is said what is still running, in milliseconds: some CI systems end a job that is silent for long. */
const STILL = 60_000;

export interface LineOptions {
  readonly write: (line: string) => void;
  /** Whether each step of the builder gets a line. */
  readonly steps?: boolean;
}

/** A line for each model, part and cell when it is finished; none for a part from the cache. */
export class LineRenderer implements Renderer {
  readonly #options: LineOptions;
  readonly #running = new Map<string, RowView>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  phase(_title: string): void {}

  changed(row: RowView): void {
    const title = `${TITLES[row.group]} ${row.name}`;
    if (row.state === "running") this.#running.set(title, row);
    else this.#running.delete(title);
    this.#timer ??= setInterval(() => this.#still(), STILL).unref();
    if (!isFinal(row) || (row.state === "cached" && !row.text)) return;
    const result = [row.state === "failed" ? "failed" : "", row.text].filter(Boolean).join(", ");
    this.say(`${title}: ${result || row.state}`);
  }

  step(line: string): void {
    if (this.#options.steps) this.say(line);
  }

  say(line: string): void {
    this.#options.write(line);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#running.clear();
  }

  #still(): void {
    for (const [title, { text, since }] of this.#running) {
      const seconds = since === undefined ? "" : `, ${Math.round((Date.now() - since) / 1000)} s`;
      this.say(`${title}: still ${text || "running"}${seconds}`);
    }
  }
}
