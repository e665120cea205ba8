function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, x] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (x === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The choice that `name` is probably a misspelling of; undefined if none is close enough. */
export function nearest(name: string, choices: readonly string[]): string | undefined {
  if (name.length > 64) return undefined;
  const [best] = choices
    .map((choice) => ({ choice, off: distance(name.toLowerCase(), choice.toLowerCase()) }))
    .sort((a, b) => a.off - b.off);
  return best && best.off <= Math.max(2, best.choice.length / 3) ? best.choice : undefined;
}
