import type { Encoding } from "./encoding.ts";

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

export type TokenName = string | { readonly content: string } | null;

export interface TokenizerConfig {
  readonly pad_token?: TokenName;
  readonly mask_token?: TokenName;
  readonly eos_token?: TokenName;
  readonly bos_token?: TokenName;
  readonly padding_side?: string;
  readonly truncation_side?: string;
  readonly clean_up_tokenization_spaces?: boolean;
  readonly chat_template?: unknown;
}
