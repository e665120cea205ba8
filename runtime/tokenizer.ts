import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";

/** One text as the model sees it: token ids with special tokens, and the segment (0 or 1) of each. */
export interface Encoding {
  readonly ids: readonly number[];
  readonly typeIds: readonly number[];
}

/** From which end tokens are dropped when there are too many; names as in text-embeddings-inference. */
type TruncationDirection = "left" | "right";

export interface TextTokenizer {
  /** Id that fills the rest of a shorter row in a batch. */
  readonly padId: number;
  /** How many special tokens every text gets, e.g. 2 for [CLS] … [SEP]. */
  readonly specialTokens: number;
  /** Tokens of the whole text, not truncated. Lone surrogates count as U+FFFD, as in any UTF-8 encoder. */
  encode(text: string): Encoding;
  /** At most `limit` tokens: special tokens stay, the text's own go from the end named by `direction`. */
  truncate(encoding: Encoding, limit: number, direction: TruncationDirection): Encoding;
}

/** Reads tokenizer.json, and tokenizer_config.json when it is there, from a model's folder. */
export async function openTokenizer(folder: string): Promise<TextTokenizer> {
  const [definition, config] = await Promise.all([
    readFile(join(folder, "tokenizer.json"), "utf8"),
    readFile(join(folder, "tokenizer_config.json"), "utf8").catch(() => "{}"),
  ]);
  return textTokenizer(JSON.parse(definition), JSON.parse(config));
}

/** The same from parsed files. The library neither truncates nor pads, so the special tokens' places are kept here. */
export function textTokenizer(definition: object, config: object): TextTokenizer {
  const tokenizer = new Tokenizer(definition, config);
  const { prefix, suffix } = specialTokens(tokenizer);
  return {
    padId: padId(tokenizer, definition, config),
    specialTokens: prefix + suffix,
    encode(text) {
      const { ids, token_type_ids } = tokenizer.encode(text.toWellFormed(), { return_token_type_ids: true });
      return { ids, typeIds: token_type_ids ?? ids.map(() => 0) };
    },
    truncate(encoding, limit, direction) {
      const { length } = encoding.ids;
      if (length <= limit) return encoding;
      const kept = Math.max(0, limit - prefix - suffix);
      const start = direction === "right" ? prefix : length - suffix - kept;
      const cut = (all: readonly number[]) => [
        ...all.slice(0, prefix),
        ...all.slice(start, start + kept),
        ...all.slice(length - suffix),
      ];
      return { ids: cut(encoding.ids), typeIds: cut(encoding.typeIds) };
    },
  };
}

/** How many special tokens the post-processor puts before and after a text, seen by what it does to one token. */
function specialTokens({ post_processor }: Tokenizer): { prefix: number; suffix: number } {
  const probe = "\u0000probe";
  const tokens = post_processor?.post_process([probe]).tokens ?? [probe];
  const prefix = tokens.indexOf(probe);
  return { prefix, suffix: tokens.length - prefix - 1 };
}

function padId(tokenizer: Tokenizer, definition: object, config: object): number {
  if ("padding" in definition) {
    const { padding } = definition as { padding: { pad_id?: number } | null };
    if (padding?.pad_id !== undefined) return padding.pad_id;
  }
  const { pad_token: token } = config as { pad_token?: string | { content: string } | null };
  return (token && tokenizer.token_to_id(typeof token === "string" ? token : token.content)) ?? 0;
}
