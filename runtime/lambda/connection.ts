import type { ClientRequest, IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

/** Not `import`ed: an ES import evaluates every export, and `WebSocket` among them loads undici (35 ms of 250). */
const { Agent, request } = process.getBuiltinModule("node:http");

/** What the Runtime API answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One call of the Runtime API. */
export interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text, or pieces that are sent as they come, in chunked encoding. */
  readonly body?: string | AsyncIterable<string | Uint8Array>;
  /** Trailers to end with when the pieces break off with an error; that error is not thrown then. */
  readonly trailersOf?: (error: unknown) => Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Sends a call and collects the answer whole, whatever its status; rejects only when the connection fails. */
export interface Send {
  (call: Call): Promise<Answer>;
  /** Gives up kept connections: after a restore from a snapshot they lead nowhere. */
  readonly renew?: () => void;
}

/**
 * A sender over kept-alive connections, one unless several calls are open at once. There is no client timeout: `next`
 * is held open for as long as Lambda has nothing to do, and the environment is frozen meanwhile.
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
        // Not `toString`: a byte order mark is left out.
        const text = new TextDecoder().decode(Buffer.concat(chunks));
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text });
      });
    });
    outgoing.on("error", (error) => {
      // The other side closed the idle connection while an inference held the thread: once more, on a new one.
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
