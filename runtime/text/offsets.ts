import type { Pieces, Range, TextTokenizer } from "../tokenizer.ts";
import { inSpelling, type Spelling, spellingOf, surfaceOf } from "./surface.ts";

/** How far a token may be from where it is expected: tokenizers drop characters, but not many in a row. */
const REACH = 200;

/** A text as the tokenizer normalizes it, and the character of the original that each unit of it comes from. */
interface Normal {
  readonly text: string;
  readonly origins: readonly number[];
}

/**
 * Where in a text its tokens come from, in characters (Unicode code points, as Python counts and the Hugging Face API
 * answers), blanks around a token left out. The library does not tell, so the tokens are looked up, one after the
 * other, in the text normalized character by character.
 */
export function offsetsOf(tokenizer: TextTokenizer, text: string, { tokens, ids }: Pieces): Range[] {
  const spelling = spellingOf(tokenizer);
  const normal = normalized(tokenizer, text, spelling);
  const ranges: Range[] = [];
  let position = 0;
  for (const [i, token] of tokens.entries()) {
    const special = tokenizer.isSpecial(ids[i] ?? -1);
    const surface = special ? inSpelling(tokenizer.normalize(token), spelling) : surfaceOf(token, spelling);
    const found = locate(normal.text, surface, position);
    const from = afterBlanks(normal.text, position);
    // SentencePiece's mark for a blank, alone: it is told as the character after it, which comes again.
    if (spelling === "plain" && surface.trim() === "") {
      ranges.push(toCharacters({ start: from, end: from + 1 }, normal.origins));
      continue;
    }
    const next = found ?? unknownAt(normal.text, from, { tokens, index: i, spelling });
    ranges.push(toCharacters(next, normal.origins));
    position = Math.max(position, next.end);
  }
  return ranges;
}

function normalized(tokenizer: TextTokenizer, text: string, spelling: Spelling): Normal {
  const known = new Map<string, string>();
  const parts: string[] = [];
  const origins: number[] = [];
  for (const [index, char] of [...text.toWellFormed()].entries()) {
    const part = known.get(char) ?? inSpelling(tokenizer.normalize(char), spelling);
    known.set(char, part);
    parts.push(part);
    for (let i = 0; i < part.length; i++) origins.push(index);
  }
  return { text: parts.join(""), origins };
}

/** Blanks; ▁ is what SentencePiece's normalizers write for one. */
const BLANK = /[\s▁]/;

function afterBlanks(text: string, position: number): number {
  let at = position;
  while (at < text.length && BLANK.test(text[at] as string)) at++;
  return at;
}

function locate(text: string, surface: string, position: number): Range | undefined {
  const own = surface.trim();
  if (own === "") return blanksAt(text, surface, position);
  const lead = surface.indexOf(own);
  if (text.startsWith(surface, position))
    return { start: position + lead, end: position + lead + own.length };
  const from = afterBlanks(text, position);
  if (text.startsWith(own, from)) return { start: from, end: from + own.length };
  const start = text.slice(from, from + REACH + own.length).indexOf(own);
  return start < 0 ? undefined : { start: from + start, end: from + start + own.length };
}

/** A token of blanks alone: spaces are not its own, a tab or a line break is. */
function blanksAt(text: string, surface: string, position: number): Range {
  const found = text.startsWith(surface, position) ? position : position + 1;
  const spaces = surface.length - surface.replace(/^ +/, "").length;
  const end = Math.min(text.length, (text.startsWith(surface, found) ? found : position) + surface.length);
  return { start: Math.min(end, end - surface.length + spaces), end };
}

/** One word as BERT cuts them: a run without blanks and punctuation, or one sign of punctuation or Chinese. */
const WORD = /[^\s\p{P}$+<=>^`|~\p{Script=Han}]+|\S/uy;

/** What the vocabulary does not spell: a word, or what is before the next token. */
function unknownAt(
  text: string,
  from: number,
  { tokens, index, spelling }: { tokens: readonly string[]; index: number; spelling: Spelling },
): Range {
  WORD.lastIndex = from;
  const word = { start: from, end: from + (WORD.exec(text)?.[0].length ?? 0) };
  if (spelling === "wordpiece") return word;
  const next = tokens[index + 1];
  if (next === undefined) return { start: from, end: text.trimEnd().length };
  const end = locate(text, surfaceOf(next, spelling), Math.min(text.length, from + 1))?.start ?? word.end;
  return { start: from, end: from + text.slice(from, end).trimEnd().length };
}

function toCharacters({ start, end }: Range, origins: readonly number[]): Range {
  const first = origins[start] ?? (origins.at(-1) ?? -1) + 1;
  return { start: first, end: end > start ? (origins[end - 1] ?? first) + 1 : first };
}
