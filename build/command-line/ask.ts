import { isatty } from "node:tty";
import { screen } from "../display/screen.ts";

/** Whether a person can be asked: both ends are a terminal, and it is not CI. */
export const canAsk = (env: NodeJS.ProcessEnv = process.env): boolean => isatty(0) && isatty(2) && !env["CI"];

/** Questions are drawn on stderr, below the rows that are there by now: stdout is the result alone. */
function drawn(signal: AbortSignal) {
  screen.rest();
  return { output: process.stderr, signal };
}

/** Ctrl-C is a key while a question is open; it ends the command as it does elsewhere. */
async function answered<T>(answer: Promise<T | symbol>, signal: AbortSignal): Promise<T> {
  const given = await answer;
  if (typeof given !== "symbol") return given;
  if (!signal.aborted) process.emit("SIGINT");
  signal.throwIfAborted();
  throw new Error("a cancelled question ends the command");
}

/** One of several. */
export async function choose<T extends string>(
  message: string,
  of: readonly T[],
  signal: AbortSignal,
): Promise<T> {
  const { select } = await import("@clack/prompts");
  const options = of.map((value) => ({ value, label: value }));
  return answered(select<string>({ message, options, ...drawn(signal) }) as Promise<T | symbol>, signal);
}

/** Some of several; `chosen` are from the start. */
export async function chooseSome<T extends string>(
  message: string,
  {
    of,
    chosen,
    label = (value) => value,
  }: { of: readonly T[]; chosen: readonly T[]; label?: (value: T) => string },
  signal: AbortSignal,
): Promise<T[]> {
  const { multiselect } = await import("@clack/prompts");
  const options = of.map((value) => ({ value, label: label(value) }));
  const asked = multiselect<string>({ message, options, initialValues: [...chosen], ...drawn(signal) });
  return answered(asked as Promise<T[] | symbol>, signal);
}

/** A line of text; `usual` is what an empty one means. */
export async function askText(message: string, usual: string, signal: AbortSignal): Promise<string> {
  const { text } = await import("@clack/prompts");
  const asked = text({ message, placeholder: usual, defaultValue: usual, ...drawn(signal) });
  return answered<string>(asked, signal);
}

/** Yes or no. */
export async function askWhether(message: string, signal: AbortSignal): Promise<boolean> {
  const { confirm } = await import("@clack/prompts");
  return answered(confirm({ message, ...drawn(signal) }) as Promise<boolean | symbol>, signal);
}
