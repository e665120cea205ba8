import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { heldTokens } from "./budget.ts";

/** Tokens that may wait for garbage collection. */
const MOST = 2 * heldTokens(process.env);

/** Growth of the process's memory, as a factor, from which on memory is returned. */
const GROWTH = 1.12;

/** Limit of the time for returning memory, as a share. */
const SHARE = 0.02;

/**
 * Attempts before memory that cannot be returned counts as needed: an answer that ended at its deadline may still
 * hold some.
 */
const ATTEMPTS = 3;

type Flavor = "regular" | "last-resort";
let gc: ((options: { type: "major"; flavor: Flavor }) => void) | undefined;

/** Collects all garbage; with `last-resort`, the heap also returns its reserve. */
async function collect(flavor: Flavor): Promise<void> {
  if (!gc) {
    setFlagsFromString("--expose-gc");
    gc = runInNewContext("gc") as typeof gc;
  }
  gc?.({ type: "major", flavor });
  // Native memory is freed in a later turn of the event loop.
  await turn();
}

let waiting = 0;

/**
 * Counts encodings and collects garbage at the limit. The native part keeps hundreds of bytes per token, of which V8
 * sees only a small object: by itself it would keep the tokens of megabytes of text.
 * @param count number of tokens or, before that is known, of UTF-16 units
 */
export async function noteTokens(count: number): Promise<void> {
  waiting += count;
  if (waiting <= MOST) return;
  waiting = 0;
  await collect("regular");
}

interface MemoryReturnOptions {
  readonly used?: () => number;
  /** Milliseconds. */
  readonly now?: () => number;
  readonly collectAll?: () => Promise<void>;
}

/**
 * Returns a function to call between events, which returns the memory that events took. V8 shrinks its heap only
 * under memory pressure, which a process in a Lambda environment does not see before it is killed: the memory of one
 * large event would stay in use as long as the environment lives. A call takes microseconds unless memory has grown.
 */
export function memoryReturn({
  used = () => process.memoryUsage.rss(),
  now = () => performance.now(),
  collectAll = () => collect("last-resort"),
}: MemoryReturnOptions = {}): () => Promise<void> {
  let needed = used();
  let attempts = 0;
  let notBefore = 0;
  return async () => {
    const bytes = used();
    needed = Math.min(needed, bytes);
    const start = now();
    if (bytes <= needed * GROWTH || start < notBefore) return;
    await collectAll();
    if (used() > needed * GROWTH && ++attempts < ATTEMPTS) return;
    notBefore = now() + (now() - start) / SHARE;
    needed = used();
    attempts = 0;
  };
}
