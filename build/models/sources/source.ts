/** What is known of a file before it is fetched. */
export interface KnownFile {
  readonly size?: number | undefined;
  readonly sha256?: string | undefined;
  /** Names the content at its source (an ETag, a git id): another content has another one. */
  readonly version?: string | undefined;
}

/** What a source is asked for. */
export interface SourceRequest {
  /** The part of the source behind `kind:`. */
  readonly address: string;
  /** Paths of the wanted files in the source. */
  readonly paths: readonly string[];
  /** Folder that relative addresses start from. */
  readonly project: string;
  /** Whether files of this machine may lie outside of it. */
  readonly allowOutside?: boolean | undefined;
  readonly signal: AbortSignal;
  /** What the spec or the lock says of the files, by path. */
  readonly known?: Readonly<Record<string, KnownFile>>;
  /** The commit to look at, in place of the revision in the address. */
  readonly commit?: string | undefined;
}

/** What a source says of files without giving their content. */
export interface Survey {
  /** The commit that the source's revision is now; only of sources that have commits. */
  readonly commit?: string | undefined;
  readonly files: Readonly<Record<string, KnownFile>>;
}

/** Everything that a source has. */
export interface Listing {
  readonly paths: readonly string[];
  readonly commit?: string | undefined;
  /** The metadata block of a model card. */
  readonly card?: Readonly<Record<string, unknown>>;
  /** The task that the source itself says, by its name on the Hugging Face hub. */
  readonly task?: string | undefined;
}

/** How many files of a source are listed at most; one with more is not a model's folder. */
export const MOST_FILES = 5000;

export interface FetchRequest extends SourceRequest {
  /** Empty folder for what is needed once; removed by the caller. */
  readonly scratch: string;
  /** Told of bytes that a former run left, and of those that come. */
  readonly meter?: { found(bytes: number): void; add(bytes: number): void } | undefined;
}

/** Path in the source → path of the file on this machine, readable until the caller removes `scratch`. */
export type FetchedFiles = Readonly<Record<string, string>>;

/** A kind of source: a row of the table. */
export interface SourceKind {
  /** How it is written in a spec. */
  readonly form: string;
  /** The fetched files are copies that the caller may move away. */
  readonly owned: boolean;
  /** What was locked once cannot become another content, so it need not be looked at again. */
  readonly immutable: boolean;
  /** Asks what the source has now; without it every file has to be fetched to know it. */
  readonly survey?: (request: SourceRequest) => Promise<Survey>;
  /** Lists what the source has; without it only files that are named can be had. */
  readonly list?: (request: Omit<SourceRequest, "paths">) => Promise<Listing>;
  readonly fetch: (request: FetchRequest) => Promise<FetchedFiles>;
}
