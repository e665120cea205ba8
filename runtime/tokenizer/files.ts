import { existsSync, readFileSync } from "node:fs";
import { type NativeTokenizer, tokenizersBinding } from "./native-binding.ts";
import type { TokenizerDefinition } from "./types.ts";
import { type LargeVocabulary, largeVocabulary } from "./unigram.ts";

export interface TokenizerFiles {
  readonly definition: TokenizerDefinition;
  readonly native: NativeTokenizer;
  /** Set if the native tokenizer does not contain the vocabulary. */
  readonly vocabulary?: LargeVocabulary;
}

/**
 * Reads a model's tokenizer. The build writes tokenizer.json without its vocabulary into a small file, and the
 * vocabulary into further files, if the result is identical (images/model/tokenizer_files.py). These are read on the
 * thread pool while the caller opens the graphs. Reading MiniLM's whole file would block the main thread for 30 to 50
 * ms.
 */
export async function readTokenizer(folder: string): Promise<TokenizerFiles> {
  const { Tokenizer } = tokenizersBinding();
  const whole = `${folder}/tokenizer.json`;
  const small = `${folder}/tokenizer/definition.json`;
  const read = (path: string): TokenizerDefinition => JSON.parse(readFileSync(path, "utf8"));
  const definition = read(existsSync(small) ? small : whole);
  const { model = {} } = definition;
  if (!existsSync(small) || !model.vocab) return { definition, native: Tokenizer.fromFile(whole) };
  const isLarge = model.type === "Unigram";
  const added = Object.entries(model.vocab);
  const vocab = isLarge ? Object.fromEntries(added.map(([token], place) => [token, place])) : model.vocab;
  const reading = isLarge ? undefined : readModel(`${folder}/tokenizer`, model);
  const rest = { ...definition, model: { type: "WordLevel", vocab, unk_token: "" } };
  const native = Tokenizer.fromString(JSON.stringify(rest));
  if (isLarge) {
    const { unk_id: unkId, byte_fallback: byteFallback = false } = model;
    const vocabulary = largeVocabulary(`${folder}/tokenizer`, { native, added, unkId, byteFallback });
    return { definition, native, vocabulary };
  }
  if (reading) native.setModel(await reading);
  return { definition, native };
}

function readModel(folder: string, { type, vocab: _, ...rest }: NonNullable<TokenizerDefinition["model"]>) {
  const { BPE, WordLevel, WordPiece } = tokenizersBinding();
  const options = Object.fromEntries(
    Object.entries(rest)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
  if (type === "WordPiece") return WordPiece.fromFile(`${folder}/vocab.txt`, options);
  if (type === "WordLevel") return WordLevel.fromFile(`${folder}/vocab.json`, options);
  return BPE.fromFile(`${folder}/vocab.json`, `${folder}/merges.txt`, options);
}
