import { isLowSurrogate, unitsIn } from "./characters.ts";
import type { NativeEncoding } from "./tokenizers-binding.ts";

/**
 * UTF-16 units that are cut into tokens at once, at most: they take up to 400 bytes each meanwhile, and what is under way
 * cannot be stopped. A text that has fewer tokens in them than a model reads is blank, or without a blank.
 */
export const LONGEST = 65_536;

/** Units in all that are looked through for a first token, blanks not counted: about a second. */
const FARTHEST = 16 * LONGEST;

/** Units read for each token that is wanted, at first; English has four or five. */
const UNITS_PER_TOKEN = 8;

/** Tokens near a cut may differ from those of the whole text. */
const MARGIN = 32;

/** Part of a text, cut into tokens without special ones. */
export interface Excerpt {
  readonly native: NativeEncoding;
  /** Its place in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** Tokens of what was read, of which it may have the first or last only; and whether that was the whole text. */
  readonly tokens: number;
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
export const firstReach = (tokens: number) => Math.min(LONGEST, (tokens + MARGIN) * UNITS_PER_TOKEN);

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
  let rest = { start: 0, end: text.length };
  let looked = 0;
  for (let reach = firstReach(tokens); ; reach = Math.min(LONGEST, reach * 4)) {
    between();
    const { start, end } = rest;
    const isWhole = end - start <= reach;
    const cut = forward ? cutNear(text, start + reach) : cutNear(text, end - reach);
    const part = isWhole ? rest : forward ? { start, end: cut } : { start: cut, end };
    const native = await encode(text.slice(part.start, part.end));
    const count = native.getLength();
    looked += reach;
    const isEnough = count >= tokens + MARGIN || (count > 0 && reach === LONGEST) || looked > FARTHEST;
    if (isWhole || isEnough)
      return { native, ...part, tokens: count, whole: part.end - part.start === text.length };
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

/**
 * The same excerpt without most of the tokens that are not wanted: when two texts are too long, the native part combines
 * each window of one with each of the other.
 */
export async function trimmed(
  encode: (text: string) => Promise<NativeEncoding>,
  text: string,
  { excerpt, tokens, from }: Pick<Wanted, "tokens" | "from"> & { readonly excerpt: Excerpt },
): Promise<Excerpt> {
  const { native, start, end, tokens: count } = excerpt;
  if (count <= 2 * (tokens + MARGIN)) return excerpt;
  const own = text.slice(start, end);
  const placeOf = (token: number) => start + unitsIn(own, native.tokenToChars(token)?.[0] ?? 0);
  const part =
    from === "start"
      ? { start, end: cutNear(text, placeOf(tokens + MARGIN), placeOf(tokens + 1)) }
      : { start: cutNear(text, placeOf(count - tokens), placeOf(count - tokens - MARGIN)), end };
  return { ...excerpt, native: await encode(text.slice(part.start, part.end)), ...part };
}

/** The last place up to `at` before a run of blanks; where there is none in reach, one that splits no character. */
export function cutNear(text: string, at: number, least: number = Math.max(1, at - 1024)): number {
  for (let place = at; place > least; place--) {
    if (isBlank(text, place) && !isBlank(text, place - 1)) return place;
  }
  return isLowSurrogate(text, at) ? at - 1 : at;
}

const isBlank = (text: string, at: number) => text[at] === " " || text[at] === "\n";
