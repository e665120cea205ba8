import { setTimeout as sleep } from "node:timers/promises";
import pRetry from "p-retry";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";
import { proxyFault, proxyStatus } from "./proxy.ts";

/** A stream of a file's content, from a position on. */
export interface Opened {
  readonly stream: AsyncIterable<Uint8Array>;
  /** Position of the first byte: 0 where the server does not know ranges. */
  readonly offset: number;
  /** Size of the whole file, where the server says it. */
  readonly size?: number | undefined;
}

/** A server's refusal. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly headers: Headers;

  constructor(response: Response) {
    super(`${new URL(response.url).host} answers ${response.status} ${response.statusText}`.trimEnd());
    this.status = response.status;
    this.headers = response.headers;
  }
}

/** Statuses that may be another one a moment later: RFC 9110, RFC 6585 (429) and what proxies say. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Codes of Node and undici for a connection that was not made or broke. */
const BROKEN =
  /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|UND_ERR|terminated|fetch failed|other side closed|aborted/i;

/** A certificate that is not trusted, in the codes and texts of Node and of OpenSSL. */
export const UNTRUSTED = /cert/i;
export const TRUST =
  "Where TLS is inspected, set NODE_EXTRA_CA_CERTS to the file with the network's own certificates.";

/** The text of an error and of what it was made from. */
function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = "" } = error as NodeJS.ErrnoException;
  return `${error.name} ${code} ${error.message}${error.cause ? `: ${causes(error.cause)}` : ""}`;
}

/** Milliseconds that a server may ask to wait; the hub counts requests in windows of five minutes. */
const LONGEST_WAIT = 5 * 60_000;

/** Whether the same request may succeed when it is sent again, after the wait that is asked for. */
export function isPassing(error: unknown): boolean {
  if (error instanceof HttpError) return PASSING.has(error.status) && retryAfter(error) <= LONGEST_WAIT;
  const refused = proxyStatus(causes(error));
  if (refused) return PASSING.has(refused);
  return !(error instanceof UserError) && !UNTRUSTED.test(causes(error)) && BROKEN.test(causes(error));
}

/**
 * How long a server asks to wait, in milliseconds; 0 where it does not say. Retry-After is seconds or a date (RFC 9110,
 * 10.2.3); the hub has `RateLimit: "api";r=0;t=55` in its place (https://huggingface.co/docs/hub/rate-limits).
 */
export function retryAfter(error: unknown): number {
  if (!(error instanceof HttpError)) return 0;
  const asked = error.headers.get("retry-after") ?? "";
  if (/^\d+$/.test(asked)) return Number(asked) * 1000;
  const until = Date.parse(asked);
  if (asked && !Number.isNaN(until)) return Math.max(0, until - Date.now());
  const window = /;\s*t=(\d+)/.exec(error.headers.get("ratelimit") ?? "")?.[1];
  return error.status === 429 && window ? Number(window) * 1000 : 0;
}

/** What a server asks to wait, for people. */
export function waitAsked(error: unknown): string | undefined {
  const seconds = Math.ceil(retryAfter(error) / 1000);
  if (seconds === 0) return undefined;
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
}

/** Below this, in milliseconds, nothing is said of a wait. */
const UNNOTICED = 3000;

/** Waits as long as a server asks for, and says so; for what is tried again only. */
export async function waitAsAsked(error: unknown, signal: AbortSignal): Promise<void> {
  const wait = retryAfter(error);
  if (!isPassing(error) || wait === 0) return;
  if (wait > UNNOTICED) say(`${(error as Error).message}: waiting ${waitAsked(error)}, as it asks`);
  await sleep(wait, undefined, { signal });
}

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** How often it is tried again. */
  readonly retries: number;
  /** Milliseconds before the first of them; each wait after it is twice as long. */
  readonly minTimeout?: number;
  readonly randomize?: boolean;
  /** What is not tried again, although it would pass. */
  readonly isFinal?: (error: Error) => boolean;
}

/** Makes a call, and tries again what failed in passing, after the wait that a server asks for. */
export const retryPassing = <T>(
  call: () => Promise<T>,
  { signal, minTimeout = 300, isFinal = () => false, ...rest }: RetryOptions,
): Promise<T> =>
  pRetry(
    () =>
      // p-retry does not try again after a TypeError, which is what fetch throws.
      call().catch((cause: Error) =>
        Promise.reject(cause instanceof TypeError ? new Error(cause.message, { cause }) : cause),
      ),
    {
      ...rest,
      minTimeout,
      signal,
      shouldRetry: ({ error }) => isPassing(error) && !isFinal(error),
      onFailedAttempt: ({ error, retriesLeft }) =>
        retriesLeft > 0 && !isFinal(error) ? waitAsAsked(error, signal) : undefined,
    },
  );

/**
 * The content of a URL from a position on. `fetch` takes an `Authorization` header along to the same origin only: a
 * redirect to another host does not get it (https://fetch.spec.whatwg.org/#http-redirect-fetch).
 * @throws HttpError for any status but 200 and 206.
 */
export async function openUrl(
  url: string,
  offset: number,
  { headers = {}, signal }: { headers?: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<Opened> {
  const range: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
  const response = await fetch(url, {
    headers: { "accept-encoding": "identity", ...headers, ...range },
    signal,
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new HttpError(response);
  }
  const [, from, whole] = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "") ?? [];
  const length = response.headers.get("content-length");
  const partial = response.status === 206;
  return {
    stream: response.body ?? (async function* () {})(),
    offset: partial ? Number(from ?? 0) : 0,
    size: partial ? (whole ? Number(whole) : undefined) : length ? Number(length) : undefined,
  };
}

/** An error of a connection as people read it (exit 3); an error of another kind comes back as it is. */
export function networkFault(error: unknown, doing: string): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const text = causes(error);
  if (UNTRUSTED.test(text)) {
    return new UserError(`Cannot ${doing}: the server's certificate is not trusted`, {
      hint: TRUST,
      reason: "environment",
      cause: error,
    });
  }
  const refused = proxyStatus(text);
  if (refused) return proxyFault(refused, doing, error);
  if (!(error instanceof HttpError) && !BROKEN.test(text)) return error;
  const deepest = (function last(each: Error): Error {
    return each.cause instanceof Error ? last(each.cause) : each;
  })(error);
  return new UserError(`Cannot ${doing}: ${deepest.message || (deepest as NodeJS.ErrnoException).code}`, {
    hint: "Check the network. What has arrived is kept: the next run continues from there.",
    reason: "environment",
    cause: error,
  });
}
