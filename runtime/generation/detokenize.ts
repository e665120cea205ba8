import type { TextTokenizer } from "../tokenizer/tokenizer.ts";

/** What new tokens add to a text. */
export interface Fresh {
  /** What no later token changes. */
  readonly sure: string;
  /** What stands after it now: of a character that is not whole, U+FFFD. */
  readonly open: string;
}

/**
 * Turns tokens into text one by one. The pieces joined are the text of all tokens without that of those before: each token
 * is decoded with those since the last that gave a text, since decoders treat the first token otherwise (SentencePiece's
 * leading blank) and characters may have several tokens.
 * @param context the tokens that the new ones go on from; none when they begin a text of their own
 */
export function detokenizer(
  tokenizer: Pick<TextTokenizer, "decode" | "definition" | "idOf" | "isSpecial">,
  context: readonly number[],
): (id: number) => Fresh {
  const decode = (ids: readonly number[]) => tokenizer.decode(ids, { skipSpecial: true, cleanUp: false });
  const isByte = byteTokens(tokenizer);
  // A special token says nothing, and ends no run of bytes.
  const mayGoOn = (id: number, text: string) =>
    text.endsWith("\ufffd") || isByte(id) || tokenizer.isSpecial(id);
  let window = [...context];
  let read = window.length;
  let told = decode(window).length;
  return (id) => {
    window.push(id);
    const text = decode(window);
    const fresh = text.slice(told);
    if (fresh === "" || mayGoOn(id, text)) return { sure: "", open: fresh };
    window = window.slice(read);
    read = window.length;
    told = decode(window).length;
    return { sure: fresh, open: "" };
  };
}

/** Tokens of one byte: a run of them is text only if all its bytes are, which the next one may change. */
function byteTokens({
  definition,
  idOf,
}: Pick<TextTokenizer, "definition" | "idOf">): (id: number) => boolean {
  if (!JSON.stringify(definition.decoder ?? null).includes('"ByteFallback"')) return () => false;
  const spelled = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
  const ids = new Set(Array.from({ length: 256 }, (_, byte) => idOf(spelled(byte))));
  return (id) => ids.has(id);
}
