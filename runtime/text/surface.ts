import type { TextTokenizer } from "../tokenizer.ts";

/** How a vocabulary spells the text that a token stands for. */
export type Spelling = "bytes" | "wordpiece" | "plain";

/** GPT-2's way to write any byte as a letter: printable ones as themselves, the others from U+0100 on. */
const BYTE_OF = new Map<string, number>(
  (() => {
    const printable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    let next = 256;
    return Array.from({ length: 256 }, (_, byte): [string, number] => [
      String.fromCharCode(printable(byte) ? byte : next++),
      byte,
    ]);
  })(),
);

export function spellingOf({ definition }: Pick<TextTokenizer, "definition">): Spelling {
  if (JSON.stringify(definition.decoder ?? null).includes('"ByteLevel"')) return "bytes";
  return definition.model?.type === "WordPiece" ? "wordpiece" : "plain";
}

/** The text that a token stands for, with its blanks, without the marks for parts of words; bytes as U+0000 to U+00FF. */
export function surfaceOf(token: string, spelling: Spelling): string {
  if (spelling === "bytes")
    return Array.from(token, (char) => String.fromCharCode(BYTE_OF.get(char) ?? 0xfffd)).join("");
  if (spelling === "wordpiece") return token.length > 2 && token.startsWith("##") ? token.slice(2) : token;
  return token.replace(/<\/w>$/, "").replaceAll("▁", " ");
}

/** One character as the vocabulary spells it. */
export function inSpelling(char: string, spelling: Spelling): string {
  return spelling === "bytes" ? Buffer.from(char).toString("latin1") : char;
}
