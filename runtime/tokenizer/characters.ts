import type { Range } from "./encoding.ts";

/**
 * Characters are Unicode code points, as in Python and in the Hugging Face API; a lone surrogate counts as one.
 * JavaScript strings consist of UTF-16 code units, here called units.
 */

export const isLowSurrogate = (text: string, at: number) => (text.charCodeAt(at) & 0xfc00) === 0xdc00;

const isHighSurrogate = (text: string, at: number) => (text.charCodeAt(at) & 0xfc00) === 0xd800;

export function charactersIn(text: string, units: number): number {
  let count = units;
  for (let i = 1; i < units; i++) if (isLowSurrogate(text, i) && isHighSurrogate(text, i - 1)) count--;
  return count;
}

export function unitsIn(text: string, characters: number): number {
  let units = 0;
  for (let i = 0; i < characters && units < text.length; i++)
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return units;
}

/** Returns a function that slices a text by characters, for parts that are all inside `within`. */
export function slicer(text: string, within: Range): (part: Range) => string {
  const start = unitsIn(text, within.start);
  const rest = text.slice(start);
  const characters = [...rest.slice(0, unitsIn(rest, within.end - within.start))];
  return (part) =>
    characters.slice(Math.max(0, part.start - within.start), Math.max(0, part.end - within.start)).join("");
}
