import { settledLength, withoutArtifacts } from "../tokenizer/clean-up.ts";
import type { TextTokenizer } from "../tokenizer/types.ts";
import { detokenizer } from "./detokenize.ts";
import { stopBeginning, stopIn } from "./stop-sequences.ts";

interface Options {
  readonly tokenizer: Pick<TextTokenizer, "decode" | "definition" | "idOf" | "isSpecial">;
  readonly context: readonly number[];
  readonly stop: readonly string[];
  readonly cleanUp: boolean;
}

export interface StreamedText {
  /** The new text; what was returned before is never changed. */
  readonly piece: string;
  readonly stopped: boolean;
}

/**
 * Turns tokens into pieces of text that, joined, are the whole text. Text that may still change is held back: an
 * incomplete character, a space that may be cleaned up, the beginning of a stop sequence.
 * @returns a function that takes a token, and whether it is the last one
 */
export function textStreamer({
  tokenizer,
  context,
  stop,
  cleanUp,
}: Options): (id: number, last: boolean) => StreamedText {
  const add = detokenizer(tokenizer, context);
  const clean = cleanUp ? withoutArtifacts : (text: string) => text;
  let final = "";
  let sent = 0;
  return (id, last) => {
    const added = add(id);
    final += added.final;
    const whole = clean(final + added.pending);
    const end = stopIn(whole, stop);
    const settled = clean(cleanUp ? final.slice(0, settledLength(final)) : final);
    const until = end ?? (last ? whole.length : settled.length - stopBeginning(settled, stop));
    const piece = whole.slice(sent, until);
    sent = Math.max(sent, until);
    return { piece, stopped: end !== undefined };
  };
}
