import { heldTokens } from "../environment/budget.ts";
import { isLowSurrogate } from "./characters.ts";
import type { NativeEncoding } from "./native-binding.ts";

/** Most UTF-16 units to tokenize at once: each may be a token, and tokenizing cannot be interrupted. */
export const LONGEST = heldTokens(process.env);

/** Most units to search for the tokens that are needed, without whitespace: about a second. */
export const FARTHEST = 2 ** 20;

/** Units that are always read, and units to read per token that is needed; English has four or five. */
const SHORT = 16_384;
const UNITS_PER_TOKEN = 8;

/** Number of tokens near a cut that may differ from those of the whole text. */
const MARGIN = 32;

export interface ExcerptPart {
  readonly native: NativeEncoding;
  /** In UTF-16 units of the text. */
  readonly start: number;
  readonly end: number;
}

export interface Excerpt {
  /** In the order of the text; there are no tokens between them. */
  readonly parts: readonly ExcerptPart[];
  /** Whether they cover the whole text. */
  readonly whole: boolean;
}

interface Wanted {
  readonly tokens: number;
  /** The end of a longer text to read. */
  readonly from: "start" | "end";
  /** Called between parts; may throw. */
  readonly between: () => void;
}

/** Units that are read first; a text that is not longer is read whole. */
export const firstReach = (tokens: number) =>
  Math.min(LONGEST, Math.max(SHORT, (tokens + MARGIN) * UNITS_PER_TOKEN));

/**
 * Tokenizes as much of a text as needed, from its start or its end. The tokens are those of the whole text, because it
 * is cut before whitespace, well beyond the tokens that are needed. Parts without tokens are skipped.
 */
export async function excerptOf(
  encode: (text: string) => Promise<NativeEncoding>,
  text: string,
  { tokens, from, between }: Wanted,
): Promise<Excerpt> {
  const forward = from === "start";
  const parts: ExcerptPart[] = [];
  let rest = { start: 0, end: text.length };
  let missing = tokens + MARGIN;
  let looked = 0;
  for (let reach = firstReach(tokens); ; reach = Math.min(LONGEST, reach * 4)) {
    between();
    const { start, end } = rest;
    const isWhole = end - start <= reach;
    const cut = forward ? cutNear(text, start + reach) : cutNear(text, end - reach);
    const place = isWhole ? rest : forward ? { start, end: cut } : { start: cut, end };
    const native = await encode(text.slice(place.start, place.end));
    const count = native.getLength();
    looked += reach;
    const isLast = isWhole || count >= missing || looked > FARTHEST;
    if (isLast || (count > 0 && reach === LONGEST)) {
      parts[forward ? "push" : "unshift"]({ native, ...place });
      missing -= count;
      rest = forward ? { start: cut, end } : { start, end: cut };
    }
    if (isLast) return { parts, whole: isWhole };
    if (count === 0)
      rest = forward
        ? { start: afterWhitespace(text, cut), end }
        : { start, end: beforeWhitespace(text, cut) };
  }
}

function afterWhitespace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isWhitespace(text, at)) at++;
  return at;
}

function beforeWhitespace(text: string, from: number): number {
  let at = from;
  while (at > 0 && isWhitespace(text, at - 1)) at--;
  return at;
}

/** The last index up to `at` before whitespace; if there is none nearby, an index that splits no character. */
export function cutNear(text: string, at: number): number {
  const least = Math.max(1, at - 1024);
  for (let place = at; place > least; place--) {
    if (isWhitespace(text, place) && !isWhitespace(text, place - 1)) return place;
  }
  return isLowSurrogate(text, at) ? at - 1 : at;
}

const isWhitespace = (text: string, at: number) => text[at] === " " || text[at] === "\n";
