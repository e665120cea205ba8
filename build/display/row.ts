import { forTerminal } from "../output.ts";

/** Groups of rows, in the order in which they are shown. */
export const GROUPS = ["files", "models", "parts", "cells"] as const;
export type Group = (typeof GROUPS)[number];

/** `cached`: there was nothing to do. */
export type State = "waiting" | "running" | "done" | "cached" | "failed";

/** One thing that a command works on, as a display shows it. */
export interface RowView {
  readonly group: Group;
  readonly name: string;
  readonly state: State;
  /** What is done now, or what has come of it. */
  readonly text: string;
  /** When what is done now began, in milliseconds since 1970; undefined where its text counts something. */
  readonly since: number | undefined;
}

/** What draws rows. It is told of each change. */
export interface Renderer {
  /** A part of the command begins. */
  phase(title: string): void;
  changed(row: RowView): void;
  /** A step of the builder, as one plain line. */
  step(line: string): void;
  /** A line that stays. */
  say(line: string): void;
  /** Leaves what it has drawn last. */
  end(): void;
}

const FINAL: readonly State[] = ["done", "cached", "failed"];
export const isFinal = ({ state }: Pick<RowView, "state">): boolean => FINAL.includes(state);

/** Changes a row and tells the display. What is as it was is not told again. */
export class Row {
  #view: RowView;
  #began: number | undefined;
  #ended = 0;
  readonly #changed: (row: RowView) => void;

  constructor(group: Group, name: string, changed: (row: RowView) => void) {
    this.#view = { group, name: forTerminal(name), state: "waiting", text: "", since: undefined };
    this.#changed = changed;
    changed(this.#view);
  }

  get state(): State {
    return this.#view.state;
  }

  /** Seconds from the first time that it ran to its end, or to now. */
  get seconds(): number {
    if (this.#began === undefined) return 0;
    return ((isFinal(this.#view) ? this.#ended : Date.now()) - this.#began) / 1000;
  }

  /** @param since when it began, in milliseconds since 1970; by default when this text was first given */
  running(text = "", since?: number): void {
    const { state, text: before } = this.#view;
    const same = state === "running" && before === text;
    const from = since ?? (same ? this.#view.since : Date.now());
    this.#began ??= from ?? Date.now();
    this.#set({ state: "running", text, since: from });
  }

  /** It is running, and the text says how far it is. */
  counting(text: string): void {
    this.#began ??= Date.now();
    this.#set({ state: "running", text, since: undefined });
  }

  done(text = ""): void {
    this.#set({ state: "done", text });
  }

  cached(text = ""): void {
    this.#set({ state: "cached", text });
  }

  failed(text = ""): void {
    this.#set({ state: "failed", text });
  }

  /** What it did was ended by something else. */
  stopped(): void {
    this.#set({ state: "waiting", text: "stopped" });
  }

  #set(change: Pick<RowView, "state" | "text"> & Partial<RowView>): void {
    const next = { ...this.#view, ...change, text: forTerminal(change.text) };
    const { state, text, since } = this.#view;
    if (next.state === state && next.text === text && next.since === since) return;
    this.#view = next;
    if (isFinal(next)) this.#ended = Date.now();
    this.#changed(next);
  }
}
