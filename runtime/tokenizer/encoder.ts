import { TEXT_TOKENS } from "../environment/budget.ts";
import { noteTokens } from "../environment/garbage.ts";
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
import type { Encoded, EncodeOptions, TextOrPair, TextTokenizer } from "./types.ts";

/** Number of short texts that are tokenized together. */
const BATCH = 64;

/** Number of windows that are made together; this cannot be interrupted. */
const MOST_WINDOWS = 256;

/** Units to tokenize at least per token of a window: enough for two windows. */
const UNITS_PER_WINDOW_TOKEN = 16;

/**
 * Most tokens that windows with `room` for the text may share: all windows of a part are in memory at the same time.
 */
export const longestStride = (room: number): number => Math.floor((room * 3) / 4);

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
 * Creates the encoding functions of a tokenizer, in two steps: texts are tokenized on the thread pool, each by itself;
 * then they are truncated and special tokens added, synchronously, because the native part stores the limit as a
 * setting and concurrent calls may have different limits.
 */
export function tokenizing(
  native: NativeTokenizer,
  cutterFor: () => Cutter,
): Pick<TextTokenizer, "specialTokens" | "encode" | "encodeEach" | "windows"> {
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
   * Drops most of the tokens of a pair's text that do not fit: the native part would combine every window of one text
   * with every window of the other.
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
    // The strategy matters for pairs only; and a text that must not be truncated may leave no room for the other.
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

  async function* encodeEach(items: Iterable<TextOrPair>, options: EncodeOptions) {
    const cutter = cutterFor();
    for (const batch of batchesOf(items, firstReach(options.maxTokens))) {
      options.between?.();
      const excerpts = await excerptsOf(cutter, batch, options);
      yield batch.map((texts) => {
        const own = texts.map((text) => excerpts.get(text) as Excerpt);
        return encoded(cutter, { texts, excerpts: own }, options);
      });
    }
  }

  return {
    specialTokens: (texts) => specialTokens[texts - 1] ?? 0,
    encodeEach,
    async encode(items, options) {
      const all: Encoded[] = [];
      for await (const batch of encodeEach(items, options)) all.push(...batch);
      return all;
    },
    async *windows(item, { maxTokens, stride, between = () => {} }) {
      const texts = textsOf(item);
      const text = texts.at(-1) ?? "";
      const cutter = cutterFor();
      const [head] = texts.length === 2 ? await cutter.cut(texts.slice(0, 1)) : [];
      const room = maxTokens - specialFor(texts) - (head?.getLength() ?? 0);
      if (room < 1 || stride > longestStride(room))
        throw new RangeError(`${maxTokens} tokens leave no room for windows that share ${stride}`);
      // All windows of a part are made at once, and there must be more than one.
      const least = UNITS_PER_WINDOW_TOKEN * maxTokens;
      const reach = Math.min(LONGEST, Math.max(least, MOST_WINDOWS * (room - stride)));
      const strategy = head ? "OnlySecond" : "LongestFirst";
      const truncation = { maxTokens, addSpecial: true, strategy, direction: "right", stride } as const;
      for (let start = 0, before = 0, made = 0; ; ) {
        between();
        await noteTokens(made);
        const end = text.length - start <= reach ? text.length : cutNear(text, start + reach);
        const part = text.slice(start, end);
        // Windows after the first keep the segment id from tokenizing: 1 for the second text of a pair.
        const [own = nothing] = head ? [await cutter.cutSecond(part)] : await cutter.cut([part]);
        const first = finish(head ? [head, own] : [own], truncation);
        const skipped = (head ? [0, before] : [before]).map((count) => () => count);
        const found = [first, ...first.getOverflowing()].map((native) =>
          encodingOf(native, skipped, cutter.ids),
        );
        made = found.length * (maxTokens + TEXT_TOKENS);
        if (end === text.length) return yield* found;
        // The last window is incomplete: the next part begins with it.
        const last = found.length > 1 ? found.pop() : undefined;
        yield* found;
        const token = (head ? last?.second : last?.first)?.start ?? 0;
        const place = start + unitsIn(part, (last?.offsets[token]?.start ?? before) - before);
        const next = last ? Math.max(start + 1, cutNear(text, place)) : end;
        before += charactersIn(part, next - start);
        start = next;
      }
    },
  };
}

/** Batches of at most LONGEST units to read first; repeated texts count once. */
function* batchesOf(items: Iterable<TextOrPair>, reach: number): Generator<(readonly string[])[], void> {
  let batch: (readonly string[])[] = [];
  let distinct = new Set<string>();
  let units = 0;
  for (const item of items) {
    const texts = textsOf(item);
    const fresh = texts.filter((text) => !distinct.has(text));
    const more = fresh.reduce((sum, { length }) => sum + Math.min(length, reach), 0);
    if (batch.length === BATCH || (batch.length > 0 && units + more > LONGEST)) {
      yield batch;
      [batch, distinct, units] = [[], new Set(), 0];
    }
    batch.push(texts);
    for (const text of texts) distinct.add(text);
    units += more;
  }
  if (batch.length > 0) yield batch;
}

/** The characters before each part of a text that was truncated in `direction`. */
function skippedBy(
  text: string,
  { parts, direction }: { readonly parts: readonly ExcerptPart[]; readonly direction: "left" | "right" },
): Skipped {
  if (parts.every(({ start }) => start === 0)) return () => 0;
  // Does not keep the parts, which have many more tokens than the result.
  const shifts = parts.map(({ native, start }) => ({ tokens: native.getLength(), start }));
  const total = shifts.reduce((sum, { tokens }) => sum + tokens, 0);
  let before: readonly number[] | undefined;
  return (place, count) => {
    before ??= shifts.flatMap(({ tokens, start }) => Array(tokens).fill(charactersIn(text, start)));
    return before[direction === "left" ? total - count + place : place] ?? 0;
  };
}

const textsOf = (item: TextOrPair): readonly string[] => (typeof item === "string" ? [item] : item);
