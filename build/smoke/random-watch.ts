import { z } from "zod";

/** A call of a generator whose state is copied with a snapshot, as a line on stderr. */
const callSchema = z.object({
  mkimageRandom: z.string(),
  /** File, line and column. */
  place: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
});

const PREFIX = '{"mkimageRandom":';

/**
 * Runs before a program in Node.js: tells each call of a generator whose state is in the process, so that copies of one
 * snapshot share it. What replaces these functions after a restore is not told: it is new then. Node's own calls are not
 * the program's.
 */
const WATCH = `
import crypto from "node:crypto";
import { writeSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
let left = 2000;
const tell = (name) => {
  const [, , , caller = ""] = (new Error().stack ?? "").split("\\n");
  const place = /(?:\\(|at (?:async )?)(?:file:\\/\\/)?(\\/[^()]+:\\d+:\\d+)/.exec(caller)?.[1];
  if (!place || left-- <= 0) return;
  try { writeSync(2, JSON.stringify({ mkimageRandom: name, place, at: Date.now() }) + "\\n"); } catch {}
};
const watch = (object, names, prefix) => {
  for (const name of names) {
    const original = object[name];
    object[name] = function (...args) {
      tell(prefix + name);
      return original.apply(this, args);
    };
  }
};
watch(Math, ["random"], "Math.");
watch(crypto, ["randomBytes", "randomFill", "randomFillSync", "randomInt", "randomUUID"], "crypto.");
watch(Object.getPrototypeOf(crypto.webcrypto), ["getRandomValues", "randomUUID"], "crypto.");
syncBuiltinESMExports();
`;

/**
 * The variable that has a program in Node.js watched; others do not look at it.
 * @param env what it may have already, the value that counts first
 */
export function watchedRandom(env: readonly string[]): string {
  const own = env.find((each) => each.startsWith("NODE_OPTIONS="))?.slice("NODE_OPTIONS=".length);
  const module = `data:text/javascript,${encodeURIComponent(WATCH)}`;
  return `NODE_OPTIONS=${own ? `${own} ` : ""}--import=${module}`;
}

/** Whether a line of the log is one of these, and not the function's own. */
export const isRandomCall = (line: string): boolean => line.startsWith(PREFIX);

/**
 * The calls after a restore, each once: `crypto.randomUUID at /var/task/index.mjs:3:7`. Pure.
 * @param restored milliseconds since 1970
 */
export function callsAfter(restored: number, lines: readonly string[]): string[] {
  const calls = lines.filter(isRandomCall).flatMap((line) => {
    try {
      return callSchema.parse(JSON.parse(line));
    } catch {
      return [];
    }
  });
  const after = calls.filter(({ at }) => at >= restored);
  return [...new Set(after.map(({ mkimageRandom, place }) => `${mkimageRandom} at ${place}`))].sort();
}
