import type { Range, TextTokenizer } from "../tokenizer.ts";
import { type Spelling, spellingOf } from "./surface.ts";

/** What counts as a word, which no token crosses: letters, digits and signs apart, each sign alone, or up to a blank. */
const WORDS: Readonly<Record<Spelling, RegExp>> = {
  bytes: /'(?:s|t|re|ve|m|ll|d)|\p{L}+|\p{N}+|[^\s\p{L}\p{N}]+/gu,
  wordpiece: /[^\s\p{P}$+<=>^`|~\p{Script=Han}]+|\S/gu,
  plain: /\S+/gu,
};

/** Finds the whole words of a text from one token to another, which may be the same. */
export function wholeWords(tokenizer: TextTokenizer, text: string): (first: Range, last: Range) => Range {
  const words: Range[] = [];
  let characters = 0;
  let units = 0;
  for (const match of text.matchAll(WORDS[spellingOf(tokenizer)])) {
    characters += [...text.slice(units, match.index)].length;
    const length = [...match[0]].length;
    words.push({ start: characters, end: characters + length });
    characters += length;
    units = match.index + match[0].length;
  }
  const wordAt = (position: number) => {
    let [low, high] = [0, words.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((words[middle]?.end ?? 0) > position) high = middle;
      else low = middle + 1;
    }
    const word = words[low];
    return word && word.start <= position ? word : undefined;
  };
  return (first, last) => ({
    start: wordAt(first.start)?.start ?? first.start,
    end: wordAt(last.start)?.end ?? last.end,
  });
}

/** Part of a text by its characters (Unicode code points). */
export function slice(characters: readonly string[], { start, end }: Range): string {
  return characters.slice(Math.max(0, start), end).join("");
}
