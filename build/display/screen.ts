import { isatty } from "node:tty";
import { forTerminal, sayThrough, writeLine } from "../output.ts";
import { GithubRenderer, inGithub } from "./github.ts";
import { LineRenderer } from "./lines.ts";
import { LiveRenderer } from "./live.ts";
import { QuietRenderer } from "./quiet.ts";
import { type Group, type Renderer, Row } from "./row.ts";

/**
 * How a command shows what it does:
 * - `auto`: rows drawn in place on a terminal, groups of lines in GitHub Actions, otherwise as `plain`,
 * - `plain`: a line per model, part and cell,
 * - `steps`: also a line per step of the builder,
 * - `quiet`: errors alone.
 */
export const PROGRESS = ["auto", "plain", "steps", "quiet"] as const;
export type Progress = (typeof PROGRESS)[number];

export interface ScreenOptions {
  readonly progress?: Progress | undefined;
  /** Whether stdout is to be one JSON document. */
  readonly json?: boolean | undefined;
}

/** Whether rows can be drawn in place. */
const isLive = ({ json }: ScreenOptions, env: NodeJS.ProcessEnv): boolean =>
  !json && isatty(2) && !env["CI"] && env["TERM"] !== "dumb";

function rendererOf(options: ScreenOptions, env: NodeJS.ProcessEnv): Renderer {
  const { progress = "auto" } = options;
  const write = writeLine;
  if (progress === "quiet") return new QuietRenderer();
  if (progress !== "auto") return new LineRenderer({ write, steps: progress === "steps" });
  if (inGithub(env)) return new GithubRenderer({ write });
  return isLive(options, env) ? new LiveRenderer(process.stderr) : new LineRenderer({ write });
}

/**
 * What stderr shows of the command that runs. There is one, as there is one stderr: `say`, rows and the builder's steps
 * come from everywhere and must not write over each other.
 */
class Screen {
  #renderer: Renderer = new QuietRenderer();
  readonly #rows = new Map<string, Row>();

  /** Begins to show what a command does. */
  open(options: ScreenOptions, env: NodeJS.ProcessEnv = process.env): void {
    this.#renderer = rendererOf(options, env);
    sayThrough({ say: (line) => this.#renderer.say(line), release: () => this.rest() });
  }

  /** A part of the command begins. */
  phase(title: string): void {
    this.#renderer.phase(title);
  }

  /** The row with this name; it is shown from the first time on that it is asked for. */
  row(group: Group, name: string): Row {
    const key = `${group} ${name}`;
    const row = this.#rows.get(key) ?? new Row(group, name, (view) => this.#renderer.changed(view));
    this.#rows.set(key, row);
    return row;
  }

  /** A step of the builder, as one plain line. */
  step(line: string): void {
    this.#renderer.step(forTerminal(line));
  }

  /** Leaves the rows as they are now: what follows is the result. */
  rest(): void {
    this.#renderer.end();
  }

  /** The command begins its work anew: rows stay as they are now, and those of the same names begin again. */
  again(): void {
    this.rest();
    this.#rows.clear();
  }

  /** The command has failed: the row that is known to have, or else those that ran. The others were stopped by it. */
  fail(): void {
    const rows = [...this.#rows.values()];
    const isKnown = rows.some(({ state }) => state === "failed");
    for (const row of rows.filter(({ state }) => state === "running"))
      if (isKnown) row.stopped();
      else row.failed();
    this.close();
  }

  /** The command was interrupted: nothing has failed, what ran was stopped. */
  stop(): void {
    for (const row of this.#rows.values()) if (row.state === "running") row.stopped();
    this.close();
  }

  /** Leaves what was drawn last; what is said from now on is written as it is. */
  close(): void {
    this.#renderer.end();
    this.#rows.clear();
    this.#renderer = new QuietRenderer();
    sayThrough(undefined);
  }
}

export const screen = new Screen();
