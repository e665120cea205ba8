import type { NativeEncoding } from "./native-binding.ts";

/** From `start` up to, not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A tokenized text or pair, or a window of it. Fields that not every task needs are computed on access. */
export interface Encoding {
  /** Token ids, including special tokens. */
  readonly ids: readonly number[];
  /** Segment id (0, 1 …) of each token. */
  readonly typeIds: readonly number[];
  /** The tokens of the first text, without special tokens. */
  readonly first: Range;
  /** The tokens of the second text; empty if there is one text. */
  readonly second: Range;
  /** The tokens as in the vocabulary: `##ing`, `Ġthe`, `▁of`. */
  readonly tokens: readonly string[];
  /** The place of each token in its text, in Unicode code points; 0 to 0 for a special token. */
  readonly offsets: readonly Range[];
  /** The index of each token's word in its text; null for a special token. */
  readonly wordIds: readonly (number | null)[];
}

const NOTHING: Range = { start: 0, end: 0 };

/**
 * Number of code points before the part that a token was read in, by the token's index among the `count` tokens that
 * are left.
 */
export type Skipped = (place: number, count: number) => number;

/**
 * @param skipped one function for each text
 * @param ids maps ids of the native part to those of the vocabulary, if they differ; not for special tokens
 */
export function encodingOf(
  native: NativeEncoding,
  skipped: readonly Skipped[],
  ids?: readonly number[],
): Encoding {
  const ranges = once(() => rangesOf(native));
  const offsets = once(() => {
    const own = ranges();
    return native.getOffsets().map(([start, end], token): Range => {
      const text = own.findIndex((range) => isIn(range, token));
      const { start: before, end: behind } = own[text] ?? NOTHING;
      const shift = skipped[text]?.(token - before, behind - before) ?? 0;
      return { start: start + shift, end: end + shift };
    });
  });
  const tokens = once(() => native.getTokens());
  const wordIds = once(() => native.getWordIds());
  return {
    ids: ids ? idsOf(native, ids) : native.getIds(),
    typeIds: native.getTypeIds(),
    get first() {
      return ranges()[0];
    },
    get second() {
      return ranges()[1];
    },
    get tokens() {
      return tokens();
    },
    get offsets() {
      return offsets();
    },
    get wordIds() {
      return wordIds();
    },
  };
}

function idsOf(native: NativeEncoding, ids: readonly number[]): number[] {
  const special = native.getSpecialTokensMask();
  return native.getIds().map((id, token) => (special[token] ? id : (ids[id] ?? id)));
}

function once<T>(compute: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: compute() };
    return made.value;
  };
}

const isIn = ({ start, end }: Range, token: number) => token >= start && token < end;

/** Special tokens are those that the post-processor added; the sequence id tells the two texts apart. */
function rangesOf(native: NativeEncoding): [first: Range, second: Range] {
  const special = native.getSpecialTokensMask();
  const sequences = native.getSequenceIds();
  const range = (isOwn: (token: number) => boolean): Range => {
    const start = special.findIndex((_, token) => isOwn(token));
    return start < 0 ? NOTHING : { start, end: special.findLastIndex((_, token) => isOwn(token)) + 1 };
  };
  return [
    range((token) => special[token] === 0 && sequences[token] !== 1),
    range((token) => special[token] === 0 && sequences[token] === 1),
  ];
}
