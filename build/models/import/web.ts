import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { publicUrl } from "../../../models/public-url.ts";
import { blobPath, takeBlob } from "../../cache/blobs.ts";
import { noteOrigin } from "../../cache/origins.ts";
import { HttpError, networkFault, openUrl } from "../../clients/http.ts";
import { UserError } from "../../errors.ts";
import type { Measure } from "../../files/measure.ts";
import { withSink } from "../../files/sink.ts";
import { withScratch } from "../../leftovers/run-record.ts";
import { readOnnxFile } from "../repository/onnx-file.ts";
import { SIDE_NAMES } from "./files.ts";
import type { FolderRequest, ModelFolder } from "./model-folder.ts";

/** Statuses of a server that has no such file, or does not say. */
const ABSENT = new Set([403, 404, 410]);

/** Fetches a file into the cache; undefined where the server has none. */
async function take(url: string, { signal }: FolderRequest): Promise<Measure | undefined> {
  const shown = publicUrl(url);
  try {
    const { stream } = await openUrl(url, 0, { signal });
    return await withScratch("mkimage-web-", async (scratch) => {
      const path = join(scratch, "file");
      await withSink(path, "w", (sink) => pipeline(stream, sink, { signal }));
      const facts = await takeBlob(path, { move: true });
      await noteOrigin(
        { source: shown, path: basename(new URL(url).pathname), version: facts.sha256 },
        facts,
      );
      return facts;
    });
  } catch (error) {
    if (error instanceof HttpError && ABSENT.has(error.status)) return undefined;
    if (!(error instanceof HttpError)) throw networkFault(error, `fetch ${shown}`);
    throw new UserError(`Cannot fetch ${shown}: ${error.message}`, { reason: "environment", cause: error });
  }
}

/** An address of a file beside another one; a query belongs to the first one alone. */
const beside = (url: string, name: string): string => new URL(encodeURI(name), url.split(/[?#]/, 1)[0]).href;

/**
 * A graph on a web server, which lists no folder: the files of usual names beside it are asked for, and those that the graph
 * names. All are fetched, because a spec has to have the sha256 of each.
 * @throws UserError (exit 2) for an address that is none of an ONNX file, (exit 3) when the server does not give it
 */
export async function findWebFolder(source: string, request: FolderRequest): Promise<ModelFolder> {
  const shown = publicUrl(source);
  const graph = basename(URL.parse(source)?.pathname ?? "");
  if (!graph.endsWith(".onnx") || URL.parse(source)?.password) {
    throw new UserError(`Cannot add ${shown}`, {
      hint: "Write the address of an ONNX file, without a password; the files beside it are found.",
    });
  }
  const found = new Map<string, Measure>();
  const look = async (name: string, url = beside(source, name)) => {
    const facts = await take(url, request);
    if (facts) found.set(name, facts);
    return facts;
  };
  const first = await look(graph, source);
  if (!first) throw new UserError(`No file at ${shown}`, { hint: "Check the address." });
  const { locations } = readOnnxFile(blobPath(first.sha256), graph);
  for (const name of [...locations, ...SIDE_NAMES]) await look(name);
  request.log(`${shown}: found ${[...found.keys()].join(", ")}`);
  return {
    title: dirname(shown),
    paths: [...found.keys()],
    place: (path) => ({
      source: path === graph ? source : beside(source, path),
      sha256: found.get(path)?.sha256 ?? "",
    }),
  };
}
