import { settledLength, withoutArtifacts } from "../tokenizer/clean-up.ts";
import type { TextTokenizer } from "../tokenizer/types.ts";
import { detokenizer } from "./detokenize.ts";
import { stopBeginning, stopIn } from "./stop-sequences.ts";

interface Options {
  readonly tokenizer: Pick<TextTokenizer, "decode" | "definition" | "idOf" | "isSpecial">;
  /** The tokens that the text goes on from. */
  readonly context: readonly number[];
  readonly stop: readonly string[];
  readonly cleanUp: boolean;
}

/** What is told of a text that grows. */
export interface Told {
  /** What a token adds to what was told before; nothing is ever taken back. */
  readonly piece: string;
  readonly stopped: boolean;
}

/**
 * Tells a text that is written token by token in pieces that joined are the whole: what may still change is held back, be
 * it a character that is not whole, a blank that may be cleaned up, or the beginning of a stop sequence.
 * @returns a function that takes a token, and whether it is the last
 */
export function textStreamer({
  tokenizer,
  context,
  stop,
  cleanUp,
}: Options): (id: number, last: boolean) => Told {
  const add = detokenizer(tokenizer, context);
  const clean = cleanUp ? withoutArtifacts : (text: string) => text;
  let sure = "";
  let told = 0;
  return (id, last) => {
    const fresh = add(id);
    sure += fresh.sure;
    const whole = clean(sure + fresh.open);
    const end = stopIn(whole, stop);
    const settled = clean(cleanUp ? sure.slice(0, settledLength(sure)) : sure);
    const until = end ?? (last ? whole.length : settled.length - stopBeginning(settled, stop));
    const piece = whole.slice(told, until);
    told = Math.max(told, until);
    return { piece, stopped: end !== undefined };
  };
}
