/**
 * The Pareto frontier for two figures of which less is better: what no other one beats in both, ordered by the first.
 * Of several with the same figures the first one is taken.
 */
export function frontierOf<T>(
  all: readonly T[],
  first: (each: T) => number,
  second: (each: T) => number,
): T[] {
  const frontier: T[] = [];
  for (const each of all.toSorted((a, b) => first(a) - first(b) || second(a) - second(b))) {
    const last = frontier.at(-1);
    if (last === undefined || second(each) < second(last)) frontier.push(each);
  }
  return frontier;
}
