import type { NativeEncoding } from "./native-binding.ts";

/** Where something is: from `start` up to, not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** One text, or two, or a window of them, as the model sees it. What not every task asks for is made when it is asked for. */
export interface Encoding {
  /** Token ids, with special tokens. */
  readonly ids: readonly number[];
  /** The segment (0, 1 …) of each token. */
  readonly typeIds: readonly number[];
  /** Which of the tokens are the first text's own. */
  readonly first: Range;
  /** Which are the second text's; empty when there is one text. */
  readonly second: Range;
  /** The tokens as the vocabulary spells them: `##ing`, `Ġthe`, `▁of`. */
  readonly tokens: readonly string[];
  /** The part of its text that each token stands for, in Unicode code points, as Python counts; of a special token 0 to 0. */
  readonly offsets: readonly Range[];
  /** The word of its text that each token is of, counted from 0; null for a special token. */
  readonly wordIds: readonly (number | null)[];
}

const NOTHING: Range = { start: 0, end: 0 };

/** Code points of a text before the part that a token was read in, by the token's place among the `count` that are left. */
export type Skipped = (place: number, count: number) => number;

/**
 * @param skipped of each text
 * @param ids the vocabulary's ids for the native part's, where it has others; those of special tokens are its own
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

/** Special tokens are those that the post-processor added; the second text's are told by their sequence. */
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
