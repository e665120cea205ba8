import { TEXT_TOKENS } from "../environment/budget.ts";
import { noteTokens } from "../environment/garbage.ts";
import type { NativeEncoding, NativeTokenizer } from "./native-binding.ts";

/** Tokenizes texts on the thread pool, each by itself and without special tokens. */
export interface Cutter {
  cut(texts: readonly string[]): Promise<NativeEncoding[]>;
  /** The same for the second text of a pair, which has another segment id. */
  cutSecond(text: string): Promise<NativeEncoding>;
  /** Maps ids of the native part to those of the vocabulary, if they differ. */
  readonly ids?: readonly number[];
}

const BARE = { addSpecialTokens: false };

export function nativeCutter(native: NativeTokenizer): Cutter {
  return {
    async cut(texts) {
      await noteTokens(texts.reduce((sum, { length }) => sum + length + TEXT_TOKENS, 0));
      return texts.length === 1
        ? [await native.encode(texts[0] ?? "", null, BARE)]
        : native.encodeBatch(texts, BARE);
    },
    async cutSecond(text) {
      await noteTokens(text.length);
      return native.encode("", text, BARE);
    },
  };
}
