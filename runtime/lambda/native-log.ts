import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { log } from "./log.ts";

const STDERR = 2;
const CPU_LIST = "/sys/devices/system/cpu/possible";

/**
 * Whether ONNX Runtime's cpuinfo writes errors to stderr on load: Lambda's arm64 machines lack the file that it
 * reads.
 */
const complains = (): boolean => process.arch === "arm64" && !existsSync(CPU_LIST);

/**
 * Loads native code early, if it would write text to stderr among the JSON lines of the log, and turns its output into
 * one line of level DEBUG. If the process dies during the load, the next process in the environment logs the output.
 * File descriptors are changed, so no other thread may open files meanwhile. Elsewhere, or if stderr cannot be
 * reopened, nothing is done: the code is loaded on first use.
 * @param file collects the output
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
  redirect(STDERR, kept);
  try {
    load();
  } finally {
    redirect(STDERR, stderr);
  }
  const text = taken(file);
  if (lastWords) {
    log("ERROR", "the process before this one ended while native code was loaded", { text: lastWords });
  }
  if (text) log("DEBUG", "written by native code while it was loaded", { text });
}

function taken(file: string): string {
  if (!existsSync(file)) return "";
  const text = readFileSync(file, "utf8");
  rmSync(file);
  return text;
}

/** A descriptor for writing; undefined if it cannot be opened: for a socket, or without write access. */
function opened(path: string): number | undefined {
  try {
    return openSync(path, "a");
  } catch {
    return undefined;
  }
}

/** Like dup2: points `descriptor` at the file of `other` and closes `other`. `open` uses the lowest free number. */
function redirect(descriptor: number, other: number): void {
  closeSync(descriptor);
  openSync(`/proc/self/fd/${other}`, "a");
  closeSync(other);
}
