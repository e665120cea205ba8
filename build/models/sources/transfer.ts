import pMap from "p-map";
import { FREE_SPACE, freeSpace } from "../../cache/disk.ts";
import { cachePath, cacheRoot } from "../../cache/folders.ts";
import { UserError } from "../../errors.ts";
import { digestOf } from "../../files/digest.ts";
import { limitOf } from "../../files/limits.ts";
import { formatBytes } from "../../output.ts";
import { download, type Open } from "./download.ts";
import type { FetchedFiles, FetchRequest, KnownFile } from "./source.ts";

/** Connections at once. */
const CONNECTIONS = 4;

export interface Transfer {
  /** Names the source in messages and, with the file's version, what an interrupted run has left. */
  readonly origin: string;
  /** A stream of a file from a position on. */
  readonly open: (path: string) => Open;
  /** An error of `open` as people read it. */
  readonly explain: (error: unknown, path: string) => unknown;
}

/** Where a file's bytes are kept until they are all there: another content never goes on with them. */
function partPath(origin: string, path: string, known: KnownFile | undefined): string {
  const key = [origin, path, known?.sha256 ?? known?.version ?? ""];
  return cachePath("partial", digestOf(key).replace("sha256:", ""));
}

/**
 * Downloads files side by side into the cache's `partial` folder, resumed and retried.
 * @throws UserError: what `explain` makes of a failure, or (exit 3) a full disk, before a byte is fetched where sizes are known.
 */
export async function transfer(
  request: FetchRequest,
  { origin, open, explain }: Transfer,
): Promise<FetchedFiles> {
  const { paths, known = {}, signal, meter } = request;
  const wanted = paths.reduce((sum, path) => sum + (known[path]?.size ?? 0), 0);
  await requireSpace(wanted, origin);
  const group = new AbortController();
  const both = AbortSignal.any([signal, group.signal]);
  let failure: unknown;
  const entries = await pMap(
    paths,
    async (path): Promise<[string, string]> => {
      const part = partPath(origin, path, known[path]);
      let first = true;
      try {
        await download(open(path), {
          part,
          size: known[path]?.size,
          limit: limitOf(path),
          what: `${path} of ${origin}`,
          signal: both,
          onBytes: (count) => {
            if (first) meter?.found(count);
            else meter?.add(count);
            first = false;
          },
        });
      } catch (error) {
        failure ??= explain(error, path);
        // The others are told to stop, and waited for: nothing writes to the cache after this function has ended.
        group.abort(failure);
      }
      return [path, part];
    },
    { concurrency: CONNECTIONS },
  );
  signal.throwIfAborted();
  if (failure) throw failure;
  return Object.fromEntries(entries);
}

async function requireSpace(wanted: number, origin: string): Promise<void> {
  const free = await freeSpace(cacheRoot());
  if (free === undefined || wanted < free) return;
  throw new UserError(
    `${origin} needs ${formatBytes(wanted)}, and the cache's disk has ${formatBytes(free)}`,
    {
      hint: FREE_SPACE,
      reason: "environment",
    },
  );
}
