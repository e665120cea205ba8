import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import lockfile from "proper-lockfile";
import { digestOf } from "../files/digest.ts";
import { cachePath } from "./folders.ts";

/** A process that was killed no longer renews its lock; after this many milliseconds another one takes it. */
const STALE = 15_000;
const LOOK_EVERY = 300;

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called once when another process has the lock. */
  readonly onWait: () => void;
}

/**
 * Runs an action while no other mkimage on this cache runs one for the same thing: what one process downloads, the other
 * then finds. It spares work only; what makes the cache safe is that content is checked and renamed into place.
 */
export async function withCacheLock<T>(
  thing: string,
  { signal, onWait }: LockOptions,
  action: () => Promise<T>,
): Promise<T> {
  const path = cachePath("locks", digestOf(thing).replace("sha256:", ""));
  await mkdir(dirname(path), { recursive: true });
  const release = await take(path, { signal, onWait });
  try {
    return await action();
  } finally {
    await release().catch(() => {});
  }
}

async function take(path: string, { signal, onWait }: LockOptions): Promise<() => Promise<void>> {
  for (let waited = false; ; waited = true) {
    signal.throwIfAborted();
    try {
      return await lockfile.lock(path, { realpath: false, stale: STALE, onCompromised: () => {} });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
      if (!waited) onWait();
      await sleep(LOOK_EVERY, undefined, { signal });
    }
  }
}
