import type { Pieces, Range, Reading } from "../tokenizer.ts";

/**
 * UTF-16 units that are cut into tokens at once. Some tokenizers take time or memory in proportion to the square of a
 * text (6 MB of blanks: a minute; of letters without a blank: 4 GB), and nobody sees the deadline meanwhile. Hardly a
 * model reads more, so hardly a text that is read whole has a second part.
 */
const PART = 8192;

type Encode = (text: string) => Omit<Pieces, "read">;

/** What `TextTokenizer.pieces` does, by what cuts a text at once. */
export function pieceReader(encode: Encode): (text: string, reading?: Reading) => Pieces {
  let blankGoesOn: boolean | undefined;
  return (text, { most = Number.POSITIVE_INFINITY, keep = "first", between } = {}) => {
    if (text.length <= PART) return { ...encode(text), read: { start: 0, end: text.length } };
    blankGoesOn ??= keepsBlank(encode);
    const parts = partsOf(text, blankGoesOn);
    const inOrder = keep === "first" ? parts : parts.toReversed();
    const done: (Range & ReturnType<Encode>)[] = [];
    for (let count = 0; done.length < parts.length && count < most; count += done.at(-1)?.ids.length ?? 0) {
      between?.();
      const { start, end } = inOrder[done.length] as Range;
      done.push({ start, end, ...encode(text.slice(start, end)) });
    }
    if (keep === "last") done.reverse();
    return {
      ids: done.flatMap(({ ids }) => ids),
      tokens: done.flatMap(({ tokens }) => tokens),
      read: { start: done[0]?.start ?? 0, end: done.at(-1)?.end ?? 0 },
    };
  };
}

/**
 * Whether a text cut before a blank gives the same tokens when the second part keeps the blank. SentencePiece's
 * vocabularies put a blank before every text, and most, not all, leave it out where there is one.
 */
function keepsBlank(encode: Encode): boolean {
  const same = (...parts: string[]) =>
    String(parts.flatMap((part) => encode(part).tokens)) === String(encode("a b").tokens);
  return same("a", " b") || !same("a", "b");
}

/** A text in parts, cut before blanks where there are any in reach. */
function partsOf(text: string, blankGoesOn: boolean): Range[] {
  const parts: Range[] = [];
  let start = 0;
  while (text.length - start > PART) {
    const end = cutBefore(text, start + PART, start + PART / 2);
    parts.push({ start, end });
    start = !blankGoesOn && text[end] === " " ? end + 1 : end;
  }
  return [...parts, { start, end: text.length }];
}

/** The last place from `least` to `most` before a run of blanks, or of line breaks; else the last that splits no character. */
function cutBefore(text: string, most: number, least: number): number {
  const reach = text.slice(least, most + 1);
  for (const blank of [" ", "\n"]) {
    for (let at = reach.lastIndexOf(blank); at > 0; at = reach.lastIndexOf(blank, at - 1)) {
      if (reach[at - 1] !== blank) return least + at;
    }
  }
  const splits = /[\udc00-\udfff]/.test(text[most] ?? "");
  return splits ? most - 1 : most;
}
