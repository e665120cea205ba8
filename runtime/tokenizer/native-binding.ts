import { loadNative } from "../native-packages/load.ts";

/**
 * The native part of npm's `tokenizers`: Hugging Face's Rust core, which models are trained and evaluated with. Its
 * index.js only searches for the platform's file, which is known here. A panic in Rust ends the process, so lengths and
 * strides are checked before a call.
 */
export interface NativeTokenizer {
  encode(text: string, pair: string | null, options: EncodeOptions): Promise<NativeEncoding>;
  encodeBatch(texts: readonly string[], options: EncodeOptions): Promise<NativeEncoding[]>;
  idToToken(id: number): string | null;
  tokenToId(token: string): number | null;
  getDecoder(): { decode(tokens: readonly string[]): string } | null;
  getPostProcessor(): NativePart<"processor"> | null;
  setPostProcessor(processor: NativePart<"processor">): void;
  setModel(model: NativePart<"model">): void;
  setTruncation(maxTokens: number, options: TruncationOptions): void;
  disableTruncation(): void;
  disablePadding(): void;
  /** Truncates and adds special tokens; the arguments are not changed. */
  postProcess(
    encoding: NativeEncoding,
    pair: NativeEncoding | null,
    addSpecialTokens: boolean,
  ): NativeEncoding;
}

interface EncodeOptions {
  readonly addSpecialTokens: boolean;
}

export interface TruncationOptions {
  readonly strategy: "LongestFirst" | "OnlyFirst" | "OnlySecond";
  readonly direction: "left" | "right";
  /** Tokens that each window shares with the one before. */
  readonly stride: number;
}

/** Offsets count Unicode code points, as in Python. */
export interface NativeEncoding {
  getLength(): number;
  getIds(): number[];
  getTypeIds(): number[];
  getTokens(): string[];
  getOffsets(): [start: number, end: number][];
  /** Null for a special token. */
  getWordIds(): (number | null)[];
  getSequenceIds(): (number | null)[];
  getSpecialTokensMask(): number[];
  /** Splits the encoding into windows of this length and keeps the first; earlier windows are lost. */
  truncate(length: number, stride: number, direction: "left" | "right"): void;
  getOverflowing(): NativeEncoding[];
}

interface NativePart<Kind extends string> {
  readonly kind?: Kind;
}

type Options = Readonly<Record<string, unknown>>;

interface Binding {
  readonly Tokenizer: {
    new (model: NativePart<"model">): NativeTokenizer;
    fromString(json: string): NativeTokenizer;
    fromFile(path: string): NativeTokenizer;
  };
  readonly WordPiece: { fromFile(vocab: string, options: Options): Promise<NativePart<"model">> };
  readonly WordLevel: { fromFile(vocab: string, options: Options): Promise<NativePart<"model">> };
  readonly Unigram: {
    init(
      vocabulary: readonly (readonly [piece: string, score: number])[],
      options: Options,
    ): NativePart<"model">;
  };
  readonly BPE: {
    empty(): NativePart<"model">;
    fromFile(vocab: string, merges: string, options: Options): Promise<NativePart<"model">>;
  };
  /** Combines processors; without any, the result changes nothing. */
  sequenceProcessing(processors: readonly NativePart<"processor">[]): NativePart<"processor">;
  mergeEncodings(encodings: readonly NativeEncoding[]): NativeEncoding;
}

let binding: Binding | undefined;

export function tokenizersBinding(): Binding {
  if (!binding) {
    binding = loadNative<Binding>(`tokenizers/tokenizers.${process.platform}-${process.arch}-gnu.node`);
  }
  return binding;
}
