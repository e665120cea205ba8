import { readFileSync } from "node:fs";
import { type Cutter, nativeCutter } from "./cutter.ts";
import { type NativeTokenizer, tokenizersBinding } from "./native-binding.ts";

/** A token that no text contains: with it as the only one, the native part returns each pre-token whole. */
const PROBE = [["\u0000\uffff", 0]] as const;

export interface LargeVocabulary {
  readonly idOf: (token: string) => number | undefined;
  readonly tokenOf: (id: number) => string | undefined;
  readonly cutter: () => Cutter;
}

interface Options {
  /** The tokenizer without its vocabulary; the ids of added tokens are their indexes in `added`. */
  readonly native: NativeTokenizer;
  readonly added: readonly (readonly [token: string, id: number])[];
  readonly unkId: number | null | undefined;
  readonly byteFallback: boolean;
}

/**
 * A Unigram vocabulary of hundreds of thousands of pieces. The native part gets only the pieces that can occur in a
 * call's texts: the whole vocabulary of multilingual-e5 would take 230 MB and half a second of CPU time. The tokens of
 * a text depend only on the pieces in it and on the lowest score.
 */
export function largeVocabulary(
  folder: string,
  { native, added, unkId, byteFallback }: Options,
): LargeVocabulary {
  const { Unigram } = tokenizersBinding();
  const pieces: readonly string[] = JSON.parse(readFileSync(`${folder}/pieces.json`, "utf8"));
  const { buffer, byteOffset, byteLength } = readFileSync(`${folder}/scores.f64`);
  const scores = new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
  const ids = new Map<string, number>();
  for (const [id, piece] of pieces.entries()) ids.set(piece, id);
  const addedIds = new Map(added);
  const addedTokens = new Map(added.map(([token, id]) => [id, token]));
  const longest = pieces.reduce((most, { length }) => Math.max(most, length), 0);
  const least = scores.reduce((lowest, score, id) => (score < (scores[lowest] ?? 0) ? id : lowest), 0);
  const bytes = byteFallback
    ? pieces.flatMap((piece, id) => (/^<0x[0-9A-F]{2}>$/.test(piece) ? [id] : []))
    : [];
  const always = [...(unkId == null ? [] : [unkId]), least, ...bytes];
  const probe = Unigram.init(PROBE, { unkId: 0 });
  const own = nativeCutter(native);
  /** The native part holds the pieces of one call at a time. */
  let turn: Promise<unknown> = Promise.resolve();

  function piecesIn(word: string): number[] {
    const found: number[] = [];
    for (let start = 0; start < word.length; start++) {
      for (let end = start + 1; end <= Math.min(word.length, start + longest); end++) {
        const id = ids.get(word.slice(start, end));
        if (id !== undefined) found.push(id);
      }
    }
    return found;
  }

  function cutter(): Cutter {
    const chosen = added.map(([, id]) => id);
    const known = new Set(chosen);
    const choose = (ids: Iterable<number>) => {
      for (const id of ids) {
        if (!known.has(id)) chosen.push(id);
        known.add(id);
      }
    };
    choose(always);
    function withPieces<T>(texts: readonly string[], cut: () => Promise<T>): Promise<T> {
      const result = turn.then(async () => {
        native.setModel(probe);
        const words = (await own.cut(texts)).flatMap((whole) => whole.getTokens());
        for (const word of new Set(words)) choose(piecesIn(word));
        const vocabulary = chosen.map(
          (id, place) => [pieces[id] ?? `\u0000\uffff${place}`, scores[id] ?? 0] as const,
        );
        native.setModel(
          Unigram.init(vocabulary, {
            unkId: unkId == null ? undefined : chosen.indexOf(unkId),
            byteFallback,
          }),
        );
        return cut();
      });
      turn = result.catch(() => {});
      return result;
    }
    return {
      cut: (texts) => withPieces(texts, () => own.cut(texts)),
      cutSecond: (text) => withPieces([text], () => own.cutSecond(text)),
      ids: chosen,
    };
  }

  return {
    idOf: (token) => addedIds.get(token) ?? ids.get(token.toWellFormed()),
    tokenOf: (id) => addedTokens.get(id) ?? pieces[id],
    cutter,
  };
}
