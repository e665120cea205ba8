/** Where the first of the sequences that end a text begins; undefined where none is in it. */
export function stopIn(text: string, stop: readonly string[]): number | undefined {
  const found = stop.map((sequence) => text.indexOf(sequence)).filter((index) => index >= 0);
  return found.length === 0 ? undefined : Math.min(...found);
}

/** How many characters at a text's end may become a sequence that ends it. */
export function stopBeginning(text: string, stop: readonly string[]): number {
  const beginnings = stop.flatMap((sequence) =>
    Array.from({ length: Math.min(sequence.length - 1, text.length) }, (_, i) =>
      sequence.slice(0, i + 1),
    ).filter((part) => text.endsWith(part)),
  );
  return Math.max(0, ...beginnings.map(({ length }) => length));
}
