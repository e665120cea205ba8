import type { IncomingHttpHeaders } from "node:http";

/** Not `import`ed: an ES import evaluates every export, and `WebSocket` among them loads undici (35 ms of 250). */
const { Agent, request } = process.getBuiltinModule("node:http");

/** What the Runtime API answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One call of the Runtime API. */
interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Sends a call and collects the answer whole, whatever its status; rejects only when the connection fails. */
export type Send = (call: Call) => Promise<Answer>;

/**
 * A sender over one kept-alive connection. There is no client timeout: `next` is held open for as long as Lambda has
 * nothing to do, and the environment is frozen meanwhile.
 * @param host `host:port` as in AWS_LAMBDA_RUNTIME_API
 */
export function httpSender(host: string): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(`http://${host}`);

  function send({ method, path, headers = {}, body = "", signal }: Call): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const bytes = Buffer.from(body);
    const outgoing = request({
      agent,
      hostname,
      port,
      method,
      path,
      headers: method === "POST" ? { ...headers, "Content-Length": bytes.length } : headers,
      ...(signal ? { signal } : {}),
    });
    outgoing.on("response", (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text });
      });
    });
    outgoing.on("error", (error) => {
      // The other side closed the idle connection while an inference held the thread: once more, on a new one.
      if (outgoing.reusedSocket && wasClosed(error)) resolve(send({ method, path, headers, body, signal }));
      else reject(error);
    });
    outgoing.end(bytes);
    return promise;
  }
  return send;
}

function wasClosed(error: Error): boolean {
  return "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}
