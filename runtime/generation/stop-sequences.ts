/** Index of the first stop sequence in a text; undefined if there is none. */
export function stopIn(text: string, stop: readonly string[]): number | undefined {
  let first: number | undefined;
  for (const sequence of stop) {
    const index = text.indexOf(sequence);
    if (index >= 0 && index < (first ?? Infinity)) first = index;
  }
  return first;
}

/** Number of characters at a text's end that may be the beginning of a stop sequence. */
export function stopBeginning(text: string, stop: readonly string[]): number {
  let longest = 0;
  for (const sequence of stop) {
    let length = Math.min(sequence.length - 1, text.length);
    while (length > longest && !text.endsWith(sequence.slice(0, length))) length--;
    longest = Math.max(longest, length);
  }
  return longest;
}
