import { styleText } from "node:util";
import { GROUPS, type Group, type RowView, type State } from "./row.ts";

export interface LayoutOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const SPINNER = [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"];
/** Milliseconds that each picture of the spinner is shown. */
export const FRAME = 100;

const MARKS: Readonly<Record<Exclude<State, "running">, string>> = {
  waiting: "·",
  done: "✓",
  cached: "✓",
  failed: "✗",
};

const STYLES = {
  waiting: "dim",
  running: "cyan",
  done: "green",
  cached: "dim",
  failed: "red",
} as const satisfies Record<State, Parameters<typeof styleText>[0]>;

/** Columns of the group's name, with what is left of it. */
const MARGIN = 9;
/** Where there is no room for it, there is a blank. */
const marginOf = ({ width }: LayoutOptions): number => (width < 30 ? 1 : MARGIN);
/** Columns between two rows on one line. */
const GAP = 3;
/** Columns of what a row says, where rows are in columns: a text that changes must not move its neighbours. */
const TEXT = 22;
/** The same of a transfer, with its mark: `⠋ 20 MB of 90 MB, 22%, 10 MB/s, 7 s left`. */
const TRANSFER = 50;
/** What takes less than this needs no time, in milliseconds. */
const SHOWN_TIME = 2000;

function wordsOf({ state, text, since }: RowView, now: number): string {
  const isShown = state === "running" && text && since !== undefined && now - since >= SHOWN_TIME;
  return isShown ? `${text} ${Math.floor((now - since) / 1000)} s` : text;
}

const markOf = ({ state }: RowView, now: number): string =>
  state === "running" ? (SPINNER[Math.floor(now / FRAME) % SPINNER.length] as string) : MARKS[state];

function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return width < 2 ? "" : `${text.slice(0, width - 1)}…`;
}

interface Cell {
  /** As long as it is on the screen. */
  readonly plain: string;
  readonly styled: string;
}

/** `name ✓ text`, not longer than `width`. */
function cellOf(
  row: RowView,
  { name, width }: { name: number; width: number },
  options: LayoutOptions,
): Cell {
  const mark = markOf(row, options.now);
  const title = cut(row.name, Math.min(width - 2, name || width)).padEnd(name);
  const words = cut(wordsOf(row, options.now), width - title.length - 3);
  const tail = words ? ` ${words}` : "";
  const style = options.color
    ? (text: string) => styleText(STYLES[row.state], text, { validateStream: false })
    : String;
  return {
    plain: `${title} ${mark}${tail}`,
    styled: `${title} ${style(mark)}${row.state === "failed" ? style(tail) : tail}`,
  };
}

/** Rows side by side, each as long as it is. */
function inline(cells: readonly Cell[], width: number): string[] {
  const lines: { length: number; text: string }[] = [];
  for (const { plain, styled } of cells) {
    const last = lines.at(-1);
    if (last && last.length + GAP + plain.length <= width) {
      last.text += " ".repeat(GAP) + styled;
      last.length += GAP + plain.length;
    } else lines.push({ length: plain.length, text: styled });
  }
  return lines.map(({ text }) => text);
}

/** Rows in columns of equal width, as many as fit. */
function inColumns(cells: readonly Cell[], column: number, width: number): string[] {
  const count = Math.max(1, Math.floor((width + GAP) / (column + GAP)));
  const lines: string[] = [];
  for (let at = 0; at < cells.length; at += count) {
    const line = cells
      .slice(at, at + count)
      .map(({ plain, styled }) => styled + " ".repeat(Math.max(0, column + GAP - plain.length)));
    lines.push(line.join("").trimEnd());
  }
  return lines;
}

function groupLines(group: Group, rows: readonly RowView[], options: LayoutOptions): string[] {
  const width = options.width - marginOf(options) - 1;
  if (group === "parts") {
    return inline(
      rows.map((row) => cellOf(row, { name: 0, width }, options)),
      width,
    );
  }
  const longest = Math.max(...rows.map((row) => row.name.length));
  // What a transfer says is long: its name makes room for it.
  const isAlone = group === "files";
  const name = Math.min(longest, isAlone ? Math.max(8, width - TRANSFER) : width - 2);
  const column = Math.min(width, name + 3 + TEXT);
  const alone = isAlone || width < 2 * column + GAP;
  const size = { name, width: alone ? width : column };
  return inColumns(
    rows.map((row) => cellOf(row, size, options)),
    size.width,
    width,
  );
}

/** Rows as lines of a terminal, none longer than its width: a block per group, with the group's name before its first line. */
export function layout(rows: readonly RowView[], options: LayoutOptions): string[] {
  return GROUPS.flatMap((group) => {
    const own = rows.filter((row) => row.group === group);
    if (own.length === 0) return [];
    const margin = marginOf(options) - 1;
    return groupLines(group, own, options).map(
      (line, index) => ` ${(index === 0 && margin > 0 ? group : "").padEnd(margin)}${line}`,
    );
  });
}
