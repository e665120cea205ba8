import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { heldTokens } from "./budget.ts";

/** Tokens that may wait to be collected. */
const MOST = 2 * heldTokens(process.env);

/** Growth of the memory in use after which it is given back, as a factor. */
const GROWTH = 1.12;

/** Share of the time that giving memory back may take. */
const SHARE = 0.02;

/** Attempts before memory that does not go back counts as needed: an answer given up at its deadline may still hold some. */
const ATTEMPTS = 3;

type Flavor = "regular" | "last-resort";
let gc: ((options: { type: "major"; flavor: Flavor }) => void) | undefined;

/** Collects all garbage; as a last resort, the heap gives back what it keeps for later as well. */
async function collect(flavor: Flavor): Promise<void> {
  if (!gc) {
    setFlagsFromString("--expose-gc");
    gc = runInNewContext("gc") as typeof gc;
  }
  gc?.({ type: "major", flavor });
  // The memory of collected native objects is freed in a turn of its own.
  await turn();
}

let waiting = 0;

/**
 * Notes that encodings were made, by their tokens or, before these are known, by their UTF-16 units. The native part keeps
 * hundreds of bytes for each token, and the garbage collector sees an object of a few: left to itself, it would let the
 * tokens of megabytes of text pile up.
 */
export async function noteTokens(count: number): Promise<void> {
  waiting += count;
  if (waiting <= MOST) return;
  waiting = 0;
  await collect("regular");
}

interface MemoryReturnOptions {
  /** Bytes that the process holds now. */
  readonly used?: () => number;
  /** Milliseconds. */
  readonly now?: () => number;
  readonly collectAll?: () => Promise<void>;
}

/**
 * Makes a function to be called when no event is in work, which gives back what events took. V8 shrinks its heap only under
 * pressure of memory, of which a process in a Lambda environment sees nothing before it is killed: one large event would stay
 * in the function's memory for as long as the environment lives. A call takes microseconds unless memory has grown.
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
