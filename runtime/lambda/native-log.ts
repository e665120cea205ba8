import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { log } from "./log.ts";

const STDERR = 2;
const CPU_LIST = "/sys/devices/system/cpu/possible";

/** Whether ONNX Runtime's cpuinfo complains on stderr while it is loaded: Lambda's arm64 machines lack what it looks for. */
const complains = (): boolean => process.arch === "arm64" && !existsSync(CPU_LIST);

/**
 * Loads native code at once where it would write text on stderr, among log lines in JSON: what it writes becomes one line of
 * level DEBUG. When the process dies of it, the next one in this environment logs what the last words were. File
 * descriptors are changed, so nothing may be under way on other threads. Elsewhere, and where stderr cannot be opened again,
 * nothing is done: it is loaded when it is used.
 * @param file where the text is kept meanwhile
 */
export function loadQuietly(load: () => void, file = "/tmp/mkimage-native.log", isNeeded = complains): void {
  if (!isNeeded()) return;
  const lastWords = taken(file);
  const stderr = opened(`/proc/self/fd/${STDERR}`);
  if (stderr === undefined) return;
  const kept = opened(file);
  if (kept === undefined) {
    closeSync(stderr);
    return;
  }
  lead(STDERR, kept);
  try {
    load();
  } finally {
    lead(STDERR, stderr);
  }
  const text = taken(file);
  if (lastWords) {
    log("ERROR", "the process before this one ended while native code was loaded", { text: lastWords });
  }
  if (text) log("DEBUG", "written by native code while it was loaded", { text });
}

/** A file's text, once. */
function taken(file: string): string {
  if (!existsSync(file)) return "";
  const text = readFileSync(file, "utf8");
  rmSync(file);
  return text;
}

/** A descriptor for writing; undefined for a socket, which cannot be opened, and where nothing can be written. */
function opened(path: string): number | undefined {
  try {
    return openSync(path, "a");
  } catch {
    return undefined;
  }
}

/** Has a descriptor lead to where another one does, which is closed: the lowest number that is free is taken. */
function lead(descriptor: number, other: number): void {
  closeSync(descriptor);
  openSync(`/proc/self/fd/${other}`, "a");
  closeSync(other);
}
