import { charactersIn, unitsIn } from "./characters.ts";
import type { Cutter } from "./cutter.ts";
import { encodingOf, type Skipped } from "./encoding.ts";
import { cutNear, type Excerpt, type ExcerptPart, excerptOf, firstReach, LONGEST } from "./excerpt.ts";
import {
  type NativeEncoding,
  type NativeTokenizer,
  type TruncationOptions,
  tokenizersBinding,
} from "./native-binding.ts";
import type { Encoded, EncodeOptions, TextOrPair, TextTokenizer } from "./tokenizer.ts";

/** Texts that are cut into tokens in one go. */
const BATCH = 64;

const STRATEGIES = {
  longest_first: "LongestFirst",
  only_first: "OnlyFirst",
  only_second: "OnlySecond",
} as const;

interface Finish extends TruncationOptions {
  readonly maxTokens: number;
  readonly addSpecial: boolean;
}

/**
 * What makes encodings of texts. The tokenizer's two halves work apart: one cuts texts into tokens on the thread pool, each
 * text by itself; the other truncates and puts special tokens around at once, so that calls at the same time can have
 * limits of their own, which the native part keeps as a setting.
 */
export function tokenizing(
  native: NativeTokenizer,
  cutterFor: () => Cutter,
): Pick<TextTokenizer, "specialTokens" | "encode" | "windows"> {
  const { BPE, mergeEncodings, sequenceProcessing, Tokenizer } = tokenizersBinding();
  native.disableTruncation();
  native.disablePadding();
  const none = sequenceProcessing([]);
  const finisher = new Tokenizer(BPE.empty());
  finisher.setPostProcessor(native.getPostProcessor() ?? none);
  native.setPostProcessor(none);
  const nothing = mergeEncodings([]);
  const specialTokens = ([1, 2] as const).map((texts) =>
    finisher.postProcess(nothing, texts === 2 ? nothing : null, true).getLength(),
  );
  const specialFor = (texts: readonly unknown[]) => specialTokens[texts.length - 1] ?? 0;

  function finish(natives: readonly NativeEncoding[], { maxTokens, addSpecial, ...truncation }: Finish) {
    const [first = nothing, second = null] = natives;
    finisher.setTruncation(maxTokens, truncation);
    return finisher.postProcess(first, second, addSpecial);
  }

  /**
   * A long text of two without most of what does not fit: the native part makes a window of every window of the one with
   * every window of the other.
   */
  function shortened(native: NativeEncoding, tokens: number, direction: "left" | "right"): NativeEncoding {
    if (native.getLength() <= tokens) return native;
    const copy = mergeEncodings([native]);
    copy.truncate(tokens, 0, direction);
    return copy;
  }

  const joined = (parts: readonly ExcerptPart[]): NativeEncoding =>
    parts.length === 1 ? (parts[0]?.native ?? nothing) : mergeEncodings(parts.map((part) => part.native));

  async function excerptsOf(
    { cut }: Cutter,
    batch: readonly (readonly string[])[],
    options: EncodeOptions,
  ): Promise<Map<string, Excerpt>> {
    const { maxTokens: tokens, direction, between = () => {} } = options;
    const from = direction === "left" ? "end" : "start";
    const distinct = [...new Set(batch.flat())];
    const [short, long] = [true, false].map((isShort) =>
      distinct.filter((text) => text.length <= firstReach(tokens) === isShort),
    ) as [string[], string[]];
    const excerpts = new Map<string, Excerpt>();
    for (const [i, native] of (await cut(short)).entries()) {
      const text = short[i] ?? "";
      excerpts.set(text, { parts: [{ native, start: 0, end: text.length }], whole: true });
    }
    const cutOne = async (text: string) => (await cut([text]))[0] ?? nothing;
    for (const text of long) excerpts.set(text, await excerptOf(cutOne, text, { tokens, from, between }));
    return excerpts;
  }

  function encoded(
    { ids }: Cutter,
    { texts, excerpts }: { readonly texts: readonly string[]; readonly excerpts: readonly Excerpt[] },
    options: EncodeOptions,
  ): Encoded {
    const { maxTokens, direction = "right", strategy = "longest_first", addSpecial = true } = options;
    const natives = excerpts.map(({ parts }) => joined(parts));
    const lengths = natives.map((native) => native.getLength());
    const special = addSpecial ? specialFor(texts) : 0;
    const tokens = lengths.reduce((sum, length) => sum + length, special);
    const whole = excerpts.every((excerpt) => excerpt.whole);
    // Of one text there is nothing to choose; and a text that has to stay may leave no room for the other.
    const chosen = texts.length === 1 ? "longest_first" : strategy;
    const kept = chosen === "longest_first" ? 0 : (lengths[chosen === "only_first" ? 1 : 0] ?? 0);
    if (tokens > maxTokens && kept + special >= maxTokens) return { encoding: undefined, tokens, whole };
    const native = finish(
      natives.map((native, i) => {
        const isLonger = lengths.every((length) => length <= (lengths[i] ?? 0)) && lengths[0] !== lengths[1];
        return texts.length === 1 ? native : shortened(native, maxTokens + 1 + Number(isLonger), direction);
      }),
      { maxTokens, addSpecial, strategy: STRATEGIES[chosen], direction, stride: 0 },
    );
    const skipped = excerpts.map(({ parts }, i) => skippedBy(texts[i] ?? "", { parts, direction }));
    return { encoding: encodingOf(native, skipped, ids), tokens, whole };
  }

  return {
    specialTokens: (texts) => specialTokens[texts - 1] ?? 0,
    async encode(items, options) {
      const cutter = cutterFor();
      const all: Encoded[] = [];
      for (let from = 0; from < items.length; from += BATCH) {
        options.between?.();
        const batch = items.slice(from, from + BATCH).map(textsOf);
        const excerpts = await excerptsOf(cutter, batch, options);
        for (const texts of batch) {
          const own = texts.map((text) => excerpts.get(text) as Excerpt);
          all.push(encoded(cutter, { texts, excerpts: own }, options));
        }
      }
      return all;
    },
    async *windows(item, { maxTokens, stride, between = () => {} }) {
      const texts = textsOf(item);
      const text = texts.at(-1) ?? "";
      const cutter = cutterFor();
      const [head] = texts.length === 2 ? await cutter.cut(texts.slice(0, 1)) : [];
      const room = maxTokens - specialFor(texts) - (head?.getLength() ?? 0);
      if (room <= stride)
        throw new RangeError(`${maxTokens} tokens leave no room for windows that share ${stride}`);
      const strategy = head ? "OnlySecond" : "LongestFirst";
      const truncation = { maxTokens, addSpecial: true, strategy, direction: "right", stride } as const;
      for (let start = 0; ; ) {
        between();
        const end = text.length - start <= LONGEST ? text.length : cutNear(text, start + LONGEST);
        const part = text.slice(start, end);
        // Windows after the first keep the segment that the text was cut with: 1, as the second of two.
        const [own = nothing] = head ? [await cutter.cutSecond(part)] : await cutter.cut([part]);
        const first = finish(head ? [head, own] : [own], truncation);
        const before = charactersIn(text, start);
        const skipped = (head ? [0, before] : [before]).map((count) => () => count);
        const found = [first, ...first.getOverflowing()].map((native) =>
          encodingOf(native, skipped, cutter.ids),
        );
        if (end === text.length) return yield* found;
        // The last window would have had more: the next part begins with it.
        const last = found.length > 1 ? found.pop() : undefined;
        yield* found;
        const token = (head ? last?.second : last?.first)?.start ?? 0;
        const place = unitsIn(text, last?.offsets[token]?.start ?? 0);
        start = last ? Math.max(start + 1, cutNear(text, place)) : end;
      }
    },
  };
}

/** What is before each part of a text that lost tokens at its end in `direction`. */
function skippedBy(
  text: string,
  { parts, direction }: { readonly parts: readonly ExcerptPart[]; readonly direction: "left" | "right" },
): Skipped {
  let shifts: readonly number[] | undefined;
  return (place, count) => {
    shifts ??= parts.flatMap(({ native, start }) =>
      Array(native.getLength()).fill(charactersIn(text, start)),
    );
    return shifts[direction === "left" ? shifts.length - count + place : place] ?? 0;
  };
}

const textsOf = (item: TextOrPair): readonly string[] => (typeof item === "string" ? [item] : item);
