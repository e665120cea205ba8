interface Found {
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

/**
 * Merges the results of windows of one text: of overlapping parts the longer one is kept, of equally long ones the one
 * with the higher score. As in transformers' pipeline for `stride`, since an entity may be cut at the edge of a window.
 */
export function withoutOverlaps<T extends Found>(found: readonly T[]): T[] {
  const kept: T[] = [];
  for (const one of found.toSorted((a, b) => a.start - b.start)) {
    const last = kept.at(-1);
    if (!last || !overlap(last, one)) kept.push(one);
    else if (length(one) > length(last) || (length(one) === length(last) && one.score > last.score))
      kept[kept.length - 1] = one;
  }
  return kept;
}

const length = ({ start, end }: Found) => end - start;

/** Empty parts overlap if they are at the same place. */
function overlap(last: Found, one: Found): boolean {
  return one.start < last.end || (one.start === last.start && one.end === last.end);
}
