import { names } from "../../catalog.ts";
import { UserError } from "../../errors.ts";
import { unknownName } from "../../known-names.ts";
import { fetchFromFolder, listFolder, surveyFolder } from "./file.ts";
import { fetchFromHub, listHub, surveyHub } from "./hf.ts";
import { fetchFromWeb, surveyWeb } from "./https.ts";
import { fetchFromPypi, listWheel, surveyPypi } from "./pypi.ts";
import { fetchFromBucket, listBucket, surveyBucket } from "./s3.ts";
import type { FetchedFiles, FetchRequest, Listing, SourceKind, SourceRequest, Survey } from "./source.ts";

/** Kinds of sources: a row and its functions each. */
export const SOURCES = {
  hf: {
    form: "hf:OWNER/NAME[@REVISION]",
    owned: true,
    immutable: false,
    survey: surveyHub,
    list: listHub,
    fetch: fetchFromHub,
  },
  s3: {
    form: "s3://BUCKET/PREFIX",
    owned: true,
    immutable: false,
    survey: surveyBucket,
    list: listBucket,
    fetch: fetchFromBucket,
  },
  https: { form: "https://HOST/FILE", owned: true, immutable: true, survey: surveyWeb, fetch: fetchFromWeb },
  pypi: {
    form: "pypi:NAME@VERSION",
    owned: true,
    immutable: true,
    survey: surveyPypi,
    list: listWheel,
    fetch: fetchFromPypi,
  },
  file: {
    form: "file:DIR",
    owned: false,
    immutable: false,
    survey: surveyFolder,
    list: listFolder,
    fetch: fetchFromFolder,
  },
} as const satisfies Record<string, SourceKind>;

const SOURCE_FORMS = Object.values(SOURCES).map(({ form }) => form);

/**
 * A source such as `file:weights` as its kind and the address behind it.
 * @throws UserError (exit 2) when it is not written as a source, or the kind is unknown.
 */
export function parseSource(source: string): { kind: SourceKind; address: string } {
  const [, name, address] = /^([a-z0-9]+):(.+)$/.exec(source) ?? [];
  if (!name || !address) {
    const forms = new Intl.ListFormat("en", { type: "disjunction" }).format(SOURCE_FORMS);
    throw new UserError(`Cannot read model source "${source}"`, { hint: `Write it as ${forms}` });
  }
  if (!Object.hasOwn(SOURCES, name)) throw unknownName("model source", name, names(SOURCES));
  return { kind: SOURCES[name as keyof typeof SOURCES], address };
}

/**
 * What a source has now of the wanted files, without their content; nothing where it cannot say.
 * @throws UserError when a file is not there, access is denied or the network fails.
 */
export async function surveySource(source: string, request: Omit<SourceRequest, "address">): Promise<Survey> {
  const { kind, address } = parseSource(source);
  return (await kind.survey?.({ ...request, address })) ?? { files: {} };
}

/**
 * Everything that a source has; undefined for one that gives only files that are named.
 * @throws UserError when it is not there, access is denied or the network fails.
 */
export async function listSource(
  source: string,
  request: Omit<SourceRequest, "address" | "paths">,
): Promise<Listing | undefined> {
  const { kind, address } = parseSource(source);
  return kind.list?.({ ...request, address });
}

/**
 * Gets files from a source such as `file:weights` or `pypi:name@1.0.0`.
 * @throws UserError when the kind is unknown, a file is not there or the network fails.
 */
export async function fetchFiles(
  source: string,
  request: Omit<FetchRequest, "address">,
): Promise<FetchedFiles> {
  const { kind, address } = parseSource(source);
  return kind.fetch({ ...request, address });
}
