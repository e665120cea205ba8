import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { LONGEST } from "./excerpt.ts";

/** Units of text whose tokens may wait for garbage collection. */
const MOST = 2 * LONGEST;

let waiting = 0;
let collect: (() => void) | undefined;

/**
 * Counts tokenized text and collects garbage at the limit. The native part keeps hundreds of bytes per token, of which
 * V8 sees only a small object: by itself it would keep the tokens of megabytes of text.
 */
export async function noteCut(units: number): Promise<void> {
  waiting += units;
  if (waiting <= MOST) return;
  waiting = 0;
  if (!collect) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as typeof collect;
  }
  collect?.();
  // Native memory is freed in a later turn of the event loop.
  await turn();
}
