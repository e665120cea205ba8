import type { TextTokenizer } from "../tokenizer/types.ts";

export interface NewText {
  readonly final: string;
  /** Text that may still change; U+FFFD for an incomplete character. */
  readonly pending: string;
}

/**
 * Turns tokens into text one by one; the pieces, joined, are the text of all tokens without that of the context. Each
 * token is decoded together with those since the last complete piece, because decoders treat the first token
 * differently (SentencePiece's leading space) and a character may consist of several tokens.
 * @param context tokens before the new ones; empty for a separate text
 */
export function detokenizer(
  tokenizer: Pick<TextTokenizer, "decode" | "definition" | "idOf" | "isSpecial">,
  context: readonly number[],
): (id: number) => NewText {
  const decode = (ids: readonly number[]) => tokenizer.decode(ids, { skipSpecial: true, cleanUp: false });
  const isByte = byteTokens(tokenizer);
  // A special token has no text, and does not end a run of bytes.
  const mayContinue = (id: number, text: string) =>
    text.endsWith("\ufffd") || isByte(id) || tokenizer.isSpecial(id);
  let window = [...context];
  let read = window.length;
  let told = decode(window).length;
  return (id) => {
    window.push(id);
    const text = decode(window);
    const fresh = text.slice(told);
    if (fresh === "" || mayContinue(id, text)) return { final: "", pending: fresh };
    window = window.slice(read);
    read = window.length;
    told = decode(window).length;
    return { final: fresh, pending: "" };
  };
}

/**
 * Ids of the tokens for single bytes: a run of them becomes text only if all its bytes do, so the next token may
 * change it.
 */
function byteTokens({
  definition,
  idOf,
}: Pick<TextTokenizer, "definition" | "idOf">): (id: number) => boolean {
  if (!JSON.stringify(definition.decoder ?? null).includes('"ByteFallback"')) return () => false;
  const tokenOf = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
  const ids = new Set(Array.from({ length: 256 }, (_, byte) => idOf(tokenOf(byte))));
  return (id) => ids.has(id);
}
