import { headOf } from "./streamed-reply.ts";

/** Characters of a function's own text that are shown. */
const SHOWN = 1000;

/** A text of a function's, in short: it may have any length. */
export const shortened = (text: string, length = SHOWN): string =>
  text.length > length ? `${text.slice(0, length)}… (${text.length} characters)` : text;

/** A field of a function's own error: usually a text, but it may be anything. */
const asText = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "");

/** What the emulator answers in place of a function that takes too long, with status 200. */
const TIMED_OUT = /^Task timed out after (\d+)/;

/**
 * The error that an answer of the emulator is, in words; undefined for a result. It gives a function's error status 200
 * and the error's record; a timeout is plain text. Any other text is a result: that of a function that streams.
 */
export function functionError(body: string): string | undefined {
  if (TIMED_OUT.test(body)) return shortened(body);
  const value = headOf(body);
  if (value === null || typeof value !== "object" || !("errorType" in value)) return undefined;
  const { errorType, errorMessage }: { errorType?: unknown; errorMessage?: unknown } = value;
  const said = [errorType, errorMessage].map(asText).filter(Boolean).join(": ");
  return shortened(said || "an error without a text");
}

/** Where the function's own code threw it; empty for an error that is the caller's. */
export function functionTrace(body: string): string {
  try {
    const { stackTrace }: { stackTrace?: unknown } = JSON.parse(body);
    return Array.isArray(stackTrace) ? shortened(stackTrace.slice(0, 20).join("\n"), 4 * SHOWN) : "";
  } catch {
    return "";
  }
}

/** What the emulator says of itself, beside its errors: RIE 1.37. */
const OF_EMULATOR = /^\d\d \w{3} \d{4} [\d:,]+ \[(?:INFO|WARNING)\] \(rapid\)/;

/** What it says of each event. */
const OF_EVENT = /^(?:START|END|REPORT) RequestId: /;

/** Whether a line of the log is the emulator's own, and says nothing of the function. */
export const isEmulators = (line: string): boolean => OF_EMULATOR.test(line) || OF_EVENT.test(line);

/** Lines of a log that are shown with an error. */
const SHOWN_LINES = 25;

/** The last lines of a function's log, without those of the emulator that say nothing of the function. */
export const shownLog = (log: string): string =>
  log
    .split("\n")
    .filter((line) => !isEmulators(line))
    .slice(-SHOWN_LINES)
    .join("\n");

/** The last error in a function's log, which an answer may not have: of a promise that nothing awaits, for example. */
export function loggedError(log: string): string | undefined {
  const [, type, message] =
    [
      ...log.matchAll(/"level":"ERROR".*?"errorType":("(?:[^"\\]|\\.)*"),"errorMessage":"((?:[^"\\]|\\.)*)/g),
    ].at(-1) ?? [];
  return type && `${JSON.parse(type)}: ${message}`;
}

/** What the emulator logs of an init that it has broken off: RIE 1.37. */
const INIT_BROKEN_OFF = /\bInit failed\b.*\berrResetReceived\b/;
/** Of a container whose main program the kernel has ended for its memory. */
export const OUT_OF_MEMORY = "it ran out of memory: raise `memory` in mkimage.json";

const MEMORY = /signal: killed|heap out of memory/;

/** How the emulator says that the function's program has ended: with an error, or with exit status 0. */
const EXITED = /Runtime exited (?:with error: (exit status \d+|signal: \w+)|without providing a reason)/g;

/** How the program has ended, by the last such word: ` with exit status 7`. */
function exitOf(log: string): string {
  const last = [...log.matchAll(EXITED)].at(-1);
  return last ? ` with ${(last[1] ?? "exit status 0").replace(": ", " ")}` : "";
}

/**
 * Why a function gave no answer, told from what the emulator gave instead and from the log; undefined for an answer.
 * @param status of HTTP: the emulator's own errors have 502
 */
export function causeOfNone(
  { status, body }: { readonly status: number; readonly body: string },
  { log, memory }: { readonly log: string; readonly memory: number },
): string | undefined {
  const [, seconds] = TIMED_OUT.exec(body) ?? [];
  if (seconds) {
    return INIT_BROKEN_OFF.test(log)
      ? `it did not finish loading within ${seconds} s: a module or an \`init\` that loops, or waits for ever`
      : `it did not answer within ${seconds} s`;
  }
  if (status === 200) return undefined;
  // A function that ends while it answers: the emulator may pass its answer on, and only the log says why it ended.
  const told = functionError(body) ?? loggedError(log) ?? shortened(body);
  // Of a program that ends before it asks for an event, there is status 502 and nothing else.
  if (told && !told.startsWith("Runtime.ExitError")) return told;
  if (MEMORY.test(`${told}\n${log}`))
    return `it ran out of memory, with ${memory} MB: raise \`memory\` in mkimage.json`;
  return loggedError(log) ?? `it ended${exitOf(`${log}\n${told}`)} before it had answered`;
}
