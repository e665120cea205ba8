import { TEXT_TOKENS } from "../environment/budget.ts";
import { noteTokens } from "../environment/garbage.ts";
import type { NativeEncoding, NativeTokenizer } from "./native-binding.ts";

/** Cuts texts into tokens on the thread pool, each by itself, none added. */
export interface Cutter {
  cut(texts: readonly string[]): Promise<NativeEncoding[]>;
  /** The same as the second text of two, which has a segment of its own. */
  cutSecond(text: string): Promise<NativeEncoding>;
  /** The vocabulary's ids for the native part's, where it has others. */
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
