import type { ClientRequest, IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

/** Not imported: an ES import evaluates every export, and `WebSocket` among them loads undici (35 ms of 250). */
const { Agent, request } = process.getBuiltinModule("node:http");

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text, or pieces that are sent as they arrive, in chunked encoding. */
  readonly body?: string | AsyncIterable<string | Uint8Array>;
  /** Trailers to send when the pieces end with an error; the error is then not thrown. */
  readonly trailersOf?: (error: unknown) => Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Sends a call and returns the complete response, whatever its status; rejects only when the connection fails. */
export interface Send {
  (call: Call): Promise<Answer>;
  /** Closes kept-alive connections: they are dead after a restore from a snapshot. */
  readonly renew?: () => void;
}

/**
 * Sends over kept-alive connections; one is enough unless several calls are open at a time. There is no client timeout:
 * `next` stays open until there is an event, and the environment is frozen meanwhile.
 * @param host `host:port` as in AWS_LAMBDA_RUNTIME_API
 */
export function httpSender(host: string): Send {
  let agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(`http://${host}`);

  function send(call: Call): Promise<Answer> {
    const { method, path, signal, body = "" } = call;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const headers = headersOf(call);
    const outgoing = request({ agent, hostname, port, method, path, headers, ...(signal ? { signal } : {}) });
    outgoing.on("response", (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        // Not `toString`: a byte order mark is removed.
        const text = new TextDecoder().decode(Buffer.concat(chunks));
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text });
      });
    });
    outgoing.on("error", (error) => {
      // The server closed the idle connection while an inference blocked the thread: try again with a new connection.
      const again = outgoing.reusedSocket && typeof body === "string" && wasClosed(error);
      if (again) resolve(send(call));
      else reject(error);
    });
    if (typeof body === "string") outgoing.end(body);
    else sendPieces(outgoing, body, call.trailersOf).catch((error) => outgoing.destroy(error));
    return promise;
  }
  return Object.assign(send, {
    renew() {
      agent.destroy();
      agent = new Agent({ keepAlive: true });
    },
  });
}

function headersOf({ method, headers = {}, body = "" }: Call): OutgoingHttpHeaders {
  if (method === "GET") return headers;
  if (typeof body === "string") return { ...headers, "Content-Length": Buffer.byteLength(body) };
  return { ...headers, "Transfer-Encoding": "chunked" };
}

async function sendPieces(
  outgoing: ClientRequest,
  pieces: AsyncIterable<string | Uint8Array>,
  trailersOf: Call["trailersOf"],
): Promise<void> {
  try {
    for await (const piece of pieces) {
      if (!outgoing.write(piece)) await drained(outgoing);
      if (outgoing.destroyed) return;
    }
  } catch (error) {
    if (!trailersOf) throw error;
    outgoing.addTrailers(trailersOf(error));
  }
  outgoing.end();
}

function drained(outgoing: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    outgoing.once("drain", resolve);
    outgoing.once("close", resolve);
  });
}

function wasClosed(error: Error): boolean {
  return "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}
