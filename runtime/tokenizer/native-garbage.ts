import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { LONGEST } from "./excerpt.ts";

/** Units of text whose tokens may wait to be collected. */
const MOST = 2 * LONGEST;

let waiting = 0;
let collect: (() => void) | undefined;

/**
 * Notes that texts were cut into tokens. The native part keeps hundreds of bytes for each, and the garbage collector sees
 * an object of a few: left to itself, it would let the tokens of megabytes of text pile up.
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
  // What was collected is freed in a turn of its own.
  await turn();
}
