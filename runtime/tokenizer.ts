import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import { readOptional } from "./config.ts";
import { isControl } from "./text/control.ts";
import { encodingOf, type Layout, layoutOf } from "./text/layout.ts";
import { pieceReader } from "./text/parts.ts";
import { readVocabulary, type Vocabulary } from "./text/vocabulary.ts";

/** Where some tokens are in an encoding: from `start` up to, not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** One text, or two, as the model sees it: token ids with special tokens, and the segment (0, 1 …) of each. */
export interface Encoding {
  readonly ids: readonly number[];
  readonly typeIds: readonly number[];
  /** The first text's own tokens. */
  readonly first: Range;
  /** The second text's own tokens; empty when there is one text. */
  readonly second: Range;
}

/** A text's own tokens. */
export interface Pieces {
  readonly ids: readonly number[];
  /** As the vocabulary spells them: `##ing`, `Ġthe`, `▁of`. */
  readonly tokens: readonly string[];
  /** The part of the text that they are of, in UTF-16 units. */
  readonly read: Range;
}

/** How much of a text is cut into tokens, where a long one need not be whole. */
export interface Reading {
  /** Tokens after which there may be an end. */
  readonly most?: number;
  /** Which of the text's tokens are wanted when it has more. */
  readonly keep?: "first" | "last";
  /** Called between the parts of a long text; may throw. */
  readonly between?: () => void;
}

export interface TextTokenizer {
  /** Id that fills the rest of a shorter row in a batch, and the side it goes to. */
  readonly padId: number;
  readonly padSide: "left" | "right";
  /** Tokens that have a role, where tokenizer.json or its config names them. */
  readonly mask: { readonly id: number; readonly token: string } | undefined;
  /** How many special tokens are put around one text or two, e.g. 2 for [CLS] … [SEP]. */
  specialTokens(texts: 1 | 2): number;
  /**
   * The text cut into tokens, none added. Lone surrogates count as U+FFFD, as in any UTF-8 encoder. A long text is cut
   * into parts before, at blanks; the tokens differ from those of the whole only where it has none for thousands of
   * characters.
   */
  pieces(text: string, reading?: Reading): Pieces;
  /** Puts the special tokens around one text's tokens, or two texts'. */
  join(first: readonly number[], second?: readonly number[]): Encoding;
  decode(ids: readonly number[], options?: { readonly skipSpecial?: boolean }): string;
  /** The text that tokens as the vocabulary spells them stand for. */
  readonly spell: (tokens: readonly string[]) => string;
  /** What a text becomes before it is cut: lower case, accents gone, and the like. */
  normalize(text: string): string;
  idOf(token: string): number | undefined;
  isSpecial(id: number): boolean;
  /** Parts of tokenizer.json and its config that some task reads for itself. */
  readonly definition: TokenizerDefinition;
  readonly config: TokenizerConfig;
}

interface TokenizerDefinition {
  readonly model?: {
    readonly type?: string;
    readonly continuing_subword_prefix?: string | null;
    readonly unk_token?: string | null;
  };
  readonly padding?: { readonly pad_id?: number; readonly direction?: string } | null;
  readonly added_tokens?: readonly {
    readonly id: number;
    readonly content: string;
    readonly special?: boolean;
  }[];
  readonly decoder?: { readonly type?: string } | null;
  readonly [part: string]: unknown;
}

type TokenName = string | { readonly content: string } | null;

interface TokenizerConfig {
  readonly pad_token?: TokenName;
  readonly mask_token?: TokenName;
  readonly eos_token?: TokenName;
  readonly bos_token?: TokenName;
  readonly padding_side?: string;
  readonly chat_template?: unknown;
}

/** Reads tokenizer.json, and tokenizer_config.json when it is there, from a model's folder. */
export function openTokenizer(folder: string): TextTokenizer {
  const path = `${folder}/tokenizer.json`;
  return textTokenizer(
    JSON.parse(readFileSync(path, "utf8")),
    readOptional(folder, "tokenizer_config.json") as TokenizerConfig,
    readVocabulary(path),
  );
}

/**
 * The same from parsed files.
 * @param vocabulary the tokens, where they were taken out of the definition
 */
export function textTokenizer(
  definition: TokenizerDefinition,
  config: TokenizerConfig,
  vocabulary?: Vocabulary,
): TextTokenizer {
  const tokenizer = new Tokenizer(definition, config);
  useOwnControls(tokenizer.normalizer);
  if (vocabulary) setVocabulary(tokenizer, vocabulary);
  const idOf = (token: string) => tokenizer.token_to_id(token);
  const layouts: Record<1 | 2, Layout> = { 1: layoutOf(tokenizer, 1), 2: layoutOf(tokenizer, 2) };
  const special = new Set(definition.added_tokens?.filter((token) => token.special).map(({ id }) => id));
  const { padding } = definition;
  return {
    definition,
    config,
    padId: padding?.pad_id ?? idOf(nameOf(config.pad_token) ?? "") ?? 0,
    padSide: (padding?.direction ?? config.padding_side)?.toLowerCase() === "left" ? "left" : "right",
    mask: maskOf(nameOf(config.mask_token), idOf),
    specialTokens: (texts) => layouts[texts].slots.filter((slot) => typeof slot !== "string").length,
    pieces: pieceReader((text) => tokenizer.encode(text.toWellFormed(), { add_special_tokens: false })),
    join: (first, second) => encodingOf(layouts[second === undefined ? 1 : 2], first, second),
    decode(ids, { skipSpecial = false } = {}) {
      return ids.length === 0 ? "" : tokenizer.decode([...ids], { skip_special_tokens: skipSpecial });
    },
    spell: (tokens) => tokenizer.decoder?.decode([...tokens]) ?? tokens.join(" "),
    normalize: (text) => tokenizer.normalizer?.normalize(text) ?? text,
    idOf,
    isSpecial: (id) => special.has(id),
  };
}

/** Gives a tokenizer the tokens that its definition lacks, and does once more what it has done with those that are added. */
function setVocabulary({ model, tokenizer }: Tokenizer, vocabulary: Vocabulary): void {
  if (!model) return;
  for (const { content, id } of tokenizer.added_tokens) vocabulary.set(content, id);
  const vocab = { get: () => vocabulary.tokens };
  Object.defineProperties(model, { tokens_to_ids: { value: vocabulary }, vocab });
}

/** A normalizer that may be BERT's, or have it among its parts. */
interface Normalizer {
  is_control?: (character: string) => boolean;
  readonly normalizers?: readonly (Normalizer | null)[];
}

function useOwnControls(normalizer: Normalizer | null): void {
  if (normalizer?.is_control) normalizer.is_control = isControl;
  for (const part of normalizer?.normalizers ?? []) useOwnControls(part);
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
