import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { log } from "./log.ts";

const STDERR = 2;
const CPU_LIST = "/sys/devices/system/cpu/possible";

/** Whether ONNX Runtime's cpuinfo complains on stderr while it is loaded: Lambda's arm64 machines lack what it looks for. */
const complains = (): boolean => process.arch === "arm64" && !existsSync(CPU_LIST);

/**
 * Loads native code that would write text on stderr, among log lines in JSON: what it writes becomes one line of level
 * DEBUG. When the process dies of it, the next one in this environment logs what the last words were. File descriptors are
 * changed, so nothing may be under way on other threads; where stderr cannot be opened again, the text stays there.
 * @param file where the text is kept meanwhile
 */
export function loadNative(load: () => void, file = "/tmp/mkimage-native.log", isNeeded = complains): void {
  const stderr = isNeeded() ? reopened(STDERR) : undefined;
  if (stderr === undefined) {
    load();
    return;
  }
  const lastWords = taken(file);
  try {
    // The lowest number that is free is taken: 0 and 1 are in use.
    closeSync(STDERR);
    openSync(file, "a");
    load();
  } finally {
    closeSync(STDERR);
    reopened(stderr);
    closeSync(stderr);
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

/** A further descriptor of what one leads to, at the lowest number that is free; undefined for a socket, which has none. */
function reopened(descriptor: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${descriptor}`, "a");
  } catch {
    return undefined;
  }
}
