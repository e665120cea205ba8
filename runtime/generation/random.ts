import { closeSync, openSync, readSync } from "node:fs";

/**
 * A number that no other process has. From the kernel itself: copies restored from one snapshot have the same state in
 * this process, that of OpenSSL's generator included, and only the kernel is told that it is another one.
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

/** Numbers from 0 to 1 (mulberry32); with a seed always the same ones, without others each time. */
export function randomNumbers(seed: number = seedOfSystem()): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
