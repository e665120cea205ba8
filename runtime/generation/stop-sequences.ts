/** Where the first of the sequences that end a text begins; undefined where none is in it. */
export function stopIn(text: string, stop: readonly string[]): number | undefined {
  let first: number | undefined;
  for (const sequence of stop) {
    const index = text.indexOf(sequence);
    if (index >= 0 && index < (first ?? Infinity)) first = index;
  }
  return first;
}

/** How many characters at a text's end may become a sequence that ends it. */
export function stopBeginning(text: string, stop: readonly string[]): number {
  let longest = 0;
  for (const sequence of stop) {
    let length = Math.min(sequence.length - 1, text.length);
    while (length > longest && !text.endsWith(sequence.slice(0, length))) length--;
    longest = Math.max(longest, length);
  }
  return longest;
}
