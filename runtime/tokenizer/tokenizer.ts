import { readOptional } from "../model-files/config.ts";
import { cleansUp, withoutArtifacts } from "./clean-up.ts";
import { nativeCutter } from "./cutter.ts";
import { tokenizing } from "./encoder.ts";
import type { Encoding } from "./encoding.ts";
import { readTokenizer, type TokenizerFiles } from "./files.ts";
import { tokenizersBinding } from "./native-binding.ts";

/** One text, or two that the model reads together. */
export type TextOrPair = string | readonly [first: string, second: string];

export interface EncodeOptions {
  /** The most that an encoding has, special tokens included. */
  readonly maxTokens: number;
  /** The end that a text too long loses; the right one when not given. */
  readonly direction?: "left" | "right" | undefined;
  /** Which of two texts loses tokens when they are too long together; token by token the longer one when not given. */
  readonly strategy?: "longest_first" | "only_first" | "only_second" | undefined;
  /** Whether special tokens are put around; true when not given. */
  readonly addSpecial?: boolean | undefined;
  /** Called between parts of the work; may throw. */
  readonly between?: (() => void) | undefined;
}

/** A text or pair as the model sees it, and what it had before it was truncated. */
export interface Encoded {
  /** Undefined when the text that may lose tokens is too short to. */
  readonly encoding: Encoding | undefined;
  /** Special tokens included. */
  readonly tokens: number;
  /** Whether the texts were read to their ends; else they have more tokens than `tokens`. */
  readonly whole: boolean;
}

export interface TextTokenizer {
  /** Id that fills the rest of a shorter row in a batch, and the side it goes to. */
  readonly padId: number;
  readonly padSide: "left" | "right";
  /** Tokens that have a role, where tokenizer.json or its config names them. */
  readonly mask: { readonly id: number; readonly token: string } | undefined;
  /** Parts of tokenizer.json and its config that some task reads for itself. */
  readonly definition: TokenizerDefinition;
  readonly config: TokenizerConfig;
  /** How many special tokens are put around one text or two, e.g. 2 for [CLS] … [SEP]. */
  specialTokens(texts: 1 | 2): number;
  /** Texts or pairs as the model sees them, each truncated to `maxTokens`. Lone surrogates count as U+FFFD. */
  encode(texts: readonly TextOrPair[], options: EncodeOptions): Promise<Encoded[]>;
  /** The same batch by batch, of texts that are made as they are read. */
  encodeEach(texts: Iterable<TextOrPair>, options: EncodeOptions): AsyncGenerator<Encoded[], void>;
  /**
   * A text, or the second of two beside the whole first, in windows of `maxTokens` that share `stride` tokens with the one
   * before. They come one by one, since all of a long text take hundreds of times the memory that it does.
   * @throws RangeError when `stride` is more than windows of `maxTokens` may share (longestStride)
   */
  windows(
    texts: TextOrPair,
    options: Pick<EncodeOptions, "maxTokens" | "between"> & { readonly stride: number },
  ): AsyncGenerator<Encoding, void>;
  /** The text of tokens. `cleanUp`: without the spaces before punctuation; as `cleansUp` says when not given. */
  decode(
    ids: readonly number[],
    options?: { readonly skipSpecial?: boolean; readonly cleanUp?: boolean | undefined },
  ): string;
  /** The text that tokens as the vocabulary spells them stand for. */
  spell(tokens: readonly string[]): string;
  idOf(token: string): number | undefined;
  isSpecial(id: number): boolean;
}

/** tokenizer.json, or what is left of it without its vocabulary. */
export interface TokenizerDefinition {
  readonly model?: {
    readonly type?: string;
    readonly continuing_subword_prefix?: string | null;
    readonly unk_token?: string | null;
    readonly unk_id?: number | null;
    readonly byte_fallback?: boolean;
    /** Ids of tokens; where the vocabulary is elsewhere, those of the added ones. */
    readonly vocab?: Readonly<Record<string, number>>;
  };
  readonly padding?: { readonly pad_id?: number; readonly direction?: string } | null;
  readonly added_tokens?: readonly {
    readonly id: number;
    readonly content: string;
    readonly special?: boolean;
  }[];
  readonly [part: string]: unknown;
}

type TokenName = string | { readonly content: string } | null;

interface TokenizerConfig {
  readonly pad_token?: TokenName;
  readonly mask_token?: TokenName;
  readonly eos_token?: TokenName;
  readonly bos_token?: TokenName;
  readonly padding_side?: string;
  readonly truncation_side?: string;
  readonly clean_up_tokenization_spaces?: boolean;
  readonly chat_template?: unknown;
}

/** Reads tokenizer.json, and tokenizer_config.json when it is there, from a model's folder. */
export async function openTokenizer(folder: string): Promise<TextTokenizer> {
  const config = readOptional(folder, "tokenizer_config.json") as TokenizerConfig;
  const { definition, ...files } = await readTokenizer(folder);
  return textTokenizer(definition, config, files);
}

/**
 * The same from parsed files.
 * @param files the native tokenizer of the definition, where it is already there
 */
export function textTokenizer(
  definition: TokenizerDefinition,
  config: TokenizerConfig,
  files: Omit<TokenizerFiles, "definition"> = {
    native: tokenizersBinding().Tokenizer.fromString(JSON.stringify(definition)),
  },
): TextTokenizer {
  const { native, vocabulary } = files;
  const plain = nativeCutter(native);
  const {
    cutter = () => plain,
    idOf = (token: string) => native.tokenToId(token) ?? undefined,
    tokenOf = (id: number) => native.idToToken(id) ?? undefined,
  } = vocabulary ?? {};
  const special = new Set(
    definition.added_tokens?.filter((token) => token.special).map(({ content }) => content),
  );
  const { padding } = definition;
  const cleans = cleansUp({ config, definition });
  const decoder = native.getDecoder();
  const spell = (tokens: readonly string[]) => decoder?.decode(tokens) ?? tokens.join(" ");
  return {
    ...tokenizing(native, cutter),
    definition,
    config,
    padId: padding?.pad_id ?? idOf(nameOf(config.pad_token) ?? "") ?? 0,
    padSide: (padding?.direction ?? config.padding_side)?.toLowerCase() === "left" ? "left" : "right",
    mask: maskOf(nameOf(config.mask_token), idOf),
    decode(ids, { skipSpecial = false, cleanUp = cleans } = {}) {
      const tokens = ids.flatMap((id) => tokenOf(id) ?? []);
      const text = spell(skipSpecial ? tokens.filter((token) => !special.has(token)) : tokens);
      return cleanUp ? withoutArtifacts(text) : text;
    },
    spell,
    idOf,
    isSpecial: (id) => special.has(tokenOf(id) ?? ""),
  };
}

/** A token's text in tokenizer_config.json, which writes it in two ways. */
function nameOf(token: TokenName | undefined): string | undefined {
  return typeof token === "string" ? token : token?.content;
}

/** Usual names of the token that stands for a missing word, where the config does not say. */
const MASKS = ["[MASK]", "<mask>"];

function maskOf(named: string | undefined, idOf: (token: string) => number | undefined) {
  for (const token of named === undefined ? MASKS : [named]) {
    const id = idOf(token);
    if (id !== undefined) return { id, token };
  }
  return undefined;
}
