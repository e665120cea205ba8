import { closeSync, openSync, readSync } from "node:fs";

/**
 * A seed that no other process has, read from the kernel: copies restored from one snapshot share the state of the
 * process, including that of OpenSSL's generator, and only the kernel is told of the restore.
 */
function seedOfSystem(): number {
  const file = openSync("/dev/urandom", "r");
  try {
    const word = Buffer.alloc(4);
    readSync(file, word);
    return word.readInt32LE();
  } finally {
    closeSync(file);
  }
}

/** Numbers from 0 to 1 (mulberry32): the same ones for the same seed, different ones without a seed. */
export function randomNumbers(seed: number = seedOfSystem()): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
