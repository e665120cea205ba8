import { mkdir, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import pRetry from "p-retry";
import { HttpError, isPassing, type Opened, waitAsAsked } from "../../clients/http.ts";
import { UserError } from "../../errors.ts";
import { ANSWER_TIME, tooLarge } from "../../files/limits.ts";
import { withSink } from "../../files/sink.ts";

export interface DownloadOptions {
  /** Where the bytes are kept until all have come. What a former run left there is gone on with. */
  readonly part: string;
  readonly size?: number | undefined;
  /** The most bytes that it may have, default: any. */
  readonly limit?: number;
  /** What it is called in an error, default: the file. */
  readonly what?: string;
  readonly signal: AbortSignal;
  /** Told of bytes that have come, those of a former run included; negative when some have to come again. */
  readonly onBytes: (count: number) => void;
  /** Attempts after the first one that may fail without a byte, default 4. */
  readonly retries?: number;
  /** Milliseconds after which a connection that has not brought PROGRESS since counts as broken. */
  readonly stallAfter?: number;
}

export type Open = (offset: number, signal: AbortSignal) => Promise<Opened>;

/** Bytes. Less does not count as progress: a server that drips does not keep a download alive for ever. */
const PROGRESS = 64 * 1024;

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;

/** A connection that ended before the file did, or gave another one. */
class Incomplete extends Error {}

/** One connection: from the end of what is there to the end of the file, if it lasts. */
async function attempt(open: Open, options: DownloadOptions): Promise<void> {
  const { part, size, signal, onBytes, stallAfter = ANSWER_TIME } = options;
  const { limit = Number.POSITIVE_INFINITY, what = "The file" } = options;
  if (size !== undefined && size > limit) throw tooLarge(what, limit);
  let have = await sizeOf(part);
  if (size !== undefined && have === size && size > 0) return;
  if (size !== undefined && have > size) {
    onBytes(-have);
    have = 0;
  }
  const stall = new AbortController();
  const watch = setTimeout(
    () => stall.abort(new Incomplete(`less than ${PROGRESS / 1024} kB in ${stallAfter / 1000} s`)),
    stallAfter,
  );
  try {
    const both = AbortSignal.any([signal, stall.signal]);
    const opened = await open(have, both);
    if (opened.offset !== have) onBytes(opened.offset - have);
    const resumes = opened.offset > 0 && opened.offset === have;
    if (opened.offset > 0 && !resumes)
      throw new Incomplete("the server gave another range than it was asked for");
    have = opened.offset;
    let since = 0;
    async function* count(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        since += chunk.length;
        if (since >= PROGRESS) {
          watch.refresh();
          since = 0;
        }
        onBytes(chunk.length);
        have += chunk.length;
        if (size === undefined && have > limit) throw tooLarge(what, limit);
        yield chunk;
        // A server that does not stop would fill the disk. That it is another file is found when it is checked.
        if (size !== undefined && have > size) return;
      }
    }
    await withSink(part, resumes ? "a" : "w", (sink) =>
      pipeline(opened.stream, count, sink, { signal: both }),
    );
    const got = await sizeOf(part);
    const whole = Math.min(opened.size ?? size ?? got, size ?? Number.POSITIVE_INFINITY);
    if (got < whole) throw new Incomplete(`the connection ended after ${got} of ${whole} bytes`);
  } catch (error) {
    signal.throwIfAborted();
    if (stall.signal.aborted) throw stall.signal.reason;
    if (error instanceof UserError) await rm(part, { force: true });
    // A range that begins behind the end: what is there belongs to another content.
    if (error instanceof HttpError && error.status === 416) {
      onBytes(-have);
      await rm(part, { force: true });
      throw new Incomplete("what was there does not belong to the file");
    }
    throw error;
  } finally {
    clearTimeout(watch);
    // Lets go of a connection whose content was not read to its end.
    stall.abort();
  }
}

/**
 * Gets a file into `part`: resumed where a former connection or run ended, tried again with growing pauses while that may
 * help, and endlessly as long as each connection brings something. What has come is not checked here.
 * @throws the last connection's error, the file system's, or the signal's reason; `part` stays.
 */
export async function download(open: Open, options: DownloadOptions): Promise<void> {
  const { part, signal, onBytes } = options;
  await mkdir(dirname(part), { recursive: true });
  onBytes(await sizeOf(part));
  let before = await sizeOf(part);
  const failures = new WeakMap<Error, Error>();
  await pRetry(
    async () => {
      try {
        await attempt(open, options);
      } catch (error) {
        // p-retry does not try again after a TypeError, which is what fetch throws.
        const plain =
          error instanceof TypeError ? new Error(error.message, { cause: error }) : (error as Error);
        failures.set(plain, error as Error);
        throw plain;
      }
    },
    {
      retries: options.retries ?? 4,
      minTimeout: 300,
      maxTimeout: 10_000,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => error instanceof Incomplete || isPassing(failures.get(error) ?? error),
      shouldConsumeRetry: async () => {
        const now = await sizeOf(part);
        const brought = now - before;
        before = now;
        return brought < PROGRESS;
      },
      onFailedAttempt: ({ error, retriesLeft }) =>
        retriesLeft > 0 ? waitAsAsked(failures.get(error), signal) : undefined,
    },
  );
}
