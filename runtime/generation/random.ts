/**
 * Numbers from 0 to 1. With a seed always the same ones (mulberry32); without, the system's, which keep no state in this
 * process: copies restored from one snapshot must not all say the same.
 */
export function randomNumbers(seed: number | undefined): () => number {
  if (seed === undefined) {
    const word = new Uint32Array(1);
    return () => (crypto.getRandomValues(word)[0] ?? 0) / 2 ** 32;
  }
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
