/**
 * The native part of npm's `tokenizers`: Hugging Face's Rust core, by which models are trained and evaluated. Its own
 * index.js only looks for the file of the platform; here it is known. What panics in Rust ends the process: lengths and
 * strides are checked before they get there.
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
  /** Truncates, and puts special tokens around; the encodings given stay as they are. */
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
  /** Leaves windows of this length, this encoding the first of them; those that it had before are gone. */
  truncate(length: number, stride: number, direction: "left" | "right"): void;
  /** The windows after the first one. */
  getOverflowing(): NativeEncoding[];
}

/** A part of a tokenizer, which only other calls understand. */
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
  /** One processor of several; of none, it leaves everything as it is. */
  sequenceProcessing(processors: readonly NativePart<"processor">[]): NativePart<"processor">;
  mergeEncodings(encodings: readonly NativeEncoding[]): NativeEncoding;
}

let binding: Binding | undefined;

/** Loads the native part, once. */
export function tokenizersBinding(): Binding {
  if (!binding) {
    const module = { exports: {} as Binding };
    const file = `tokenizers.${process.platform}-${process.arch}-gnu.node`;
    process.dlopen(module, `${import.meta.dirname}/node_modules/tokenizers/${file}`);
    binding = module.exports;
  }
  return binding;
}
