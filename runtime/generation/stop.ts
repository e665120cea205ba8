/**
 * Looks for the sequences that end a text.
 * @returns the text up to the first of them, and how many characters at its end are not to be told yet: a character that
 * is not whole (U+FFFD), or what may become a stop sequence
 */
export function stopAt(
  text: string,
  stop: readonly string[],
): { readonly whole: string; readonly held: number; readonly stopped: boolean } {
  const found = stop.map((sequence) => text.indexOf(sequence)).filter((index) => index >= 0);
  if (found.length > 0) return { whole: text.slice(0, Math.min(...found)), held: 0, stopped: true };
  const broken = /\ufffd+$/.exec(text)?.[0].length ?? 0;
  const beginnings = stop.flatMap((sequence) =>
    Array.from({ length: sequence.length - 1 }, (_, i) => sequence.slice(0, i + 1)).filter((part) =>
      text.endsWith(part),
    ),
  );
  return {
    whole: text,
    held: Math.max(broken, 0, ...beginnings.map(({ length }) => length)),
    stopped: false,
  };
}
