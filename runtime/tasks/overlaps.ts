/** A part of a text that was found, and how surely. */
interface Found {
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

/**
 * What was found in windows of one text, each thing once: of things that lie over each other the longer counts, of equally
 * long ones the likelier. So does transformers' pipeline for `stride`, since a window's edge may cut an entity in two.
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

/** Of tokens that stand for no character, those in the same place are the same. */
function overlap(last: Found, one: Found): boolean {
  return one.start < last.end || (one.start === last.start && one.end === last.end);
}
