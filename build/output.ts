import { stripVTControlCharacters } from "node:util";
import { withoutUrlSecrets } from "../models/public-url.ts";

/** stdout carries a command's result and nothing else; everything for people goes to stderr. */

/** Writes a line to stderr. */
export function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What draws on stderr, and through which lines for people have to go meanwhile. */
export interface Drawing {
  say(line: string): void;
  /** Ends the drawing, before the result is printed. */
  release(): void;
}

let drawing: Drawing | undefined;

/** Hands lines for people to a display from now on; undefined: they are written as they are. */
export function sayThrough(display: Drawing | undefined): void {
  drawing = display;
}

/** A text in which the runner of GitHub Actions finds no command: it takes `::` at the start of a line for one, and `##[`. */
const withoutCommands = (text: string): string =>
  process.env["GITHUB_ACTIONS"] === "true"
    ? text
        .split("\n")
        .map((line) => (line.trimStart().startsWith("::") ? line.replace("::", ": :") : line))
        .join("\n")
        .replaceAll("##[", "## [")
    : text;

/**
 * A text that changes nothing of a terminal, or of a job of GitHub Actions, but what is written there: others' words may hold
 * sequences that move the cursor, set the title or answer for the user, and commands that hide lines or make annotations.
 */
export const forTerminal = (text: string): string =>
  withoutCommands(
    stripVTControlCharacters(text)
      .replaceAll("\r\n", "\n")
      .replace(/[^\P{Cc}\n\t]/gu, "\ufffd"),
  );

/** One line for people. It may quote what others say, and with it URLs. */
export function say(line: string): void {
  const safe = forTerminal(withoutUrlSecrets(line));
  if (drawing) drawing.say(safe);
  else writeLine(safe);
}

/** A command for the runner of GitHub Actions, one line whose data are escaped already. */
export function sayCommand(line: string): void {
  const safe = withoutUrlSecrets(line);
  if (drawing) drawing.say(safe);
  else writeLine(safe);
}

let printed = false;

/** Whether stdout has a result already. */
export const hasPrinted = (): boolean => printed;

/** The command's result. */
export function print(result: string): void {
  printed = true;
  drawing?.release();
  const text = process.stdout.isTTY ? forTerminal(result) : result;
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** The command's result as one JSON document. */
export const printJson = (result: unknown): void => print(JSON.stringify(result, null, 2));

/** Bytes as people read them, in decimal units as Docker shows them. */
export function formatBytes(bytes: number): string {
  if (bytes < 1e5) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0)} MB`;
}

/** `1 model`, `2 models`. */
export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${count} ${count === 1 ? one : several}`;

/** Bytes in the binary units of Lambda's limits. */
export const gibibytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(2)} GiB`;

/** Rows as columns of equal width; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)),
    [],
  );
  const line = (row: readonly string[]) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}
