import type { Encoding } from "./encoding.ts";

/** One text, or a pair that the model reads together. */
export type TextOrPair = string | readonly [first: string, second: string];

export interface EncodeOptions {
  /** Most tokens of an encoding, including special tokens. */
  readonly maxTokens: number;
  /** The end at which a long text is truncated; default: right. */
  readonly direction?: "left" | "right" | undefined;
  /** Which text of a pair is truncated; default: the longer one, token by token. */
  readonly strategy?: "longest_first" | "only_first" | "only_second" | undefined;
  /** Whether special tokens are added; default: true. */
  readonly addSpecial?: boolean | undefined;
  /** Called between parts of the work; may throw. */
  readonly between?: (() => void) | undefined;
}

/** A tokenized text or pair, and its length before truncation. */
export interface Encoded {
  /** Undefined if the text that may be truncated is too short to make the rest fit. */
  readonly encoding: Encoding | undefined;
  /** Including special tokens. */
  readonly tokens: number;
  /** Whether the texts were read completely; if not, they have more tokens than `tokens`. */
  readonly whole: boolean;
}

export interface TextTokenizer {
  /** The id and the side for padding shorter texts of a batch. */
  readonly padId: number;
  readonly padSide: "left" | "right";
  /** Mask token, if tokenizer.json or its config has one. */
  readonly mask: { readonly id: number; readonly token: string } | undefined;
  /** Parts of tokenizer.json and its config for tasks that read them directly. */
  readonly definition: TokenizerDefinition;
  readonly config: TokenizerConfig;
  /** Number of special tokens that are added to one text or a pair, e.g. 2 for [CLS] … [SEP]. */
  specialTokens(texts: 1 | 2): number;
  /** Tokenizes texts or pairs, each truncated to `maxTokens`. Lone surrogates count as U+FFFD. */
  encode(texts: readonly TextOrPair[], options: EncodeOptions): Promise<Encoded[]>;
  /** The same batch by batch; the texts are read as they are needed. */
  encodeEach(texts: Iterable<TextOrPair>, options: EncodeOptions): AsyncGenerator<Encoded[], void>;
  /**
   * Splits a text, or the second text of a pair, into windows of `maxTokens` that share `stride` tokens with the
   * previous one; each window of a pair has the whole first text. They are yielded one by one, since all windows of a
   * long text take hundreds of times its memory.
   * @throws RangeError when `stride` is more than windows of `maxTokens` may share (longestStride)
   */
  windows(
    texts: TextOrPair,
    options: Pick<EncodeOptions, "maxTokens" | "between"> & { readonly stride: number },
  ): AsyncGenerator<Encoding, void>;
  /** The text of token ids. `cleanUp`: remove spaces before punctuation; default: cleansUpByDefault. */
  decode(
    ids: readonly number[],
    options?: { readonly skipSpecial?: boolean; readonly cleanUp?: boolean | undefined },
  ): string;
  /** The text of tokens as they are in the vocabulary. */
  spell(tokens: readonly string[]): string;
  idOf(token: string): number | undefined;
  isSpecial(id: number): boolean;
}

/** tokenizer.json, possibly without its vocabulary. */
export interface TokenizerDefinition {
  readonly model?: {
    readonly type?: string;
    readonly continuing_subword_prefix?: string | null;
    readonly unk_token?: string | null;
    readonly unk_id?: number | null;
    readonly byte_fallback?: boolean;
    /** Ids by token; only of added tokens if the vocabulary is in another file. */
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
