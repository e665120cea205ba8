import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** How a file's content is sent when something is to go wrong. */
export interface Fault {
  /** Ends the connection after so many bytes. */
  cutAfter?: number;
  /** Ends the first connections after so many bytes, each after its own. */
  cuts?: number[];
  status?: number;
  headers?: Record<string, string>;
  /** Milliseconds between pieces of 64 kB. */
  pause?: number;
  /** Sends these bytes in place of the content. */
  instead?: Buffer;
  /** Sends the whole file whatever range is asked for. */
  noRange?: boolean;
  /** How often, default always. */
  times?: number;
}

/** A request that was answered. */
export interface Seen {
  readonly host: "hub" | "cdn";
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
  /** Bytes of a file's content that were sent. */
  bytes: number;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Notes the answer. */
  readonly note: (status: number) => Seen;
}

const PIECE = 65_536;

/** Sends a file's content as the fault has it, from the start or from the range that is asked for. */
export async function sendContent(
  { request, response, note }: Exchange,
  { content, headers }: { content: Buffer; headers: Record<string, string> },
  fault: Fault,
): Promise<void> {
  if (fault.status) {
    note(fault.status);
    response.writeHead(fault.status, fault.headers).end();
    return;
  }
  const whole = fault.instead ?? content;
  const from = fault.noRange ? 0 : Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (from > 0 && from >= whole.length) {
    note(416);
    response.writeHead(416, { "content-range": `bytes */${whole.length}` }).end();
    return;
  }
  const entry = note(from > 0 ? 206 : 200);
  const part = whole.subarray(from);
  response.writeHead(entry.status, {
    ...headers,
    "accept-ranges": "bytes",
    "content-length": String(part.length),
    ...(from > 0 ? { "content-range": `bytes ${from}-${whole.length - 1}/${whole.length}` } : {}),
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const end = Math.min(part.length, fault.cutAfter ?? fault.cuts?.shift() ?? part.length);
  for (let at = 0; at < end && !response.destroyed; at += PIECE) {
    const piece = part.subarray(at, Math.min(at + PIECE, end));
    await new Promise((done) => response.write(piece, done));
    entry.bytes += piece.length;
    if (fault.pause) await sleep(fault.pause);
  }
  if (end < part.length) response.destroy();
  else response.end();
}
