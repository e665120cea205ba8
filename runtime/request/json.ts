import { BadRequest } from "./errors.ts";

/** Levels of nesting: far more than a request has, and far fewer than JSON.stringify can handle. */
const MAX_DEPTH = 500;

/**
 * @param field name of the text in errors
 * @throws BadRequest for invalid JSON, or nesting deeper than MAX_DEPTH
 */
export function parseJson(text: string, field: string): unknown {
  if (isDeep(text)) throw new BadRequest(field, `nested deeper than ${MAX_DEPTH} levels`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadRequest(field, `not JSON (${error instanceof Error ? error.message : error})`);
  }
}

function isDeep(text: string): boolean {
  if (text.length <= MAX_DEPTH) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfText(text, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > MAX_DEPTH) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
    }
  }
  return false;
}

/** Index of the quote that ends the string beginning at `start`. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text[before - 1] === "\\") before--;
    if ((end - before) % 2 === 0) return end;
  }
  return text.length;
}
