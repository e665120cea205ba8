import { heldTokens } from "../environment/budget.ts";
import { isLowSurrogate } from "./characters.ts";
import type { NativeEncoding } from "./native-binding.ts";

/** UTF-16 units that are cut into tokens at once, at most: each may be a token, and what is under way cannot be stopped. */
export const LONGEST = heldTokens(process.env);

/** Units in all that are looked through for the tokens that are wanted, blanks not counted: about a second. */
export const FARTHEST = 2 ** 20;

/** Units of a text that is read whole in any case, and units for each token that is wanted; English has four or five. */
const SHORT = 16_384;
const UNITS_PER_TOKEN = 8;

/** Tokens near a cut may differ from those of the whole text. */
const MARGIN = 32;

/** Part of a text, cut into tokens without special ones. */
export interface ExcerptPart {
  readonly native: NativeEncoding;
  /** Its place in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

export interface Excerpt {
  /** In the order of the text; what is between them has no token. */
  readonly parts: readonly ExcerptPart[];
  /** Whether they are all of the text. */
  readonly whole: boolean;
}

interface Wanted {
  readonly tokens: number;
  /** Of a longer text, the end that is wanted. */
  readonly from: "start" | "end";
  /** Called between parts; may throw. */
  readonly between: () => void;
}

/** Units with which the reading of a text begins: a text that has no more is read whole, at once. */
export const firstReach = (tokens: number) =>
  Math.min(LONGEST, Math.max(SHORT, (tokens + MARGIN) * UNITS_PER_TOKEN));

/**
 * Reads as much of a text as has the tokens that are wanted, from its start or its end. They are those of the whole text:
 * the text is cut before a blank, well beyond them. Parts without a token are passed over.
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
      rest = forward ? { start: afterBlanks(text, cut), end } : { start, end: beforeBlanks(text, cut) };
  }
}

function afterBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text, at)) at++;
  return at;
}

function beforeBlanks(text: string, from: number): number {
  let at = from;
  while (at > 0 && isBlank(text, at - 1)) at--;
  return at;
}

/** The last place up to `at` before a run of blanks; where there is none in reach, one that splits no character. */
export function cutNear(text: string, at: number): number {
  const least = Math.max(1, at - 1024);
  for (let place = at; place > least; place--) {
    if (isBlank(text, place) && !isBlank(text, place - 1)) return place;
  }
  return isLowSurrogate(text, at) ? at - 1 : at;
}

const isBlank = (text: string, at: number) => text[at] === " " || text[at] === "\n";
