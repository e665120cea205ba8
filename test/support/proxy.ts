/** A proxy that knows hosts by names that no resolver knows: what reaches them has come through it. */
import { createServer, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect } from "node:net";

export interface ProxyStandIn extends AsyncDisposable {
  readonly port: number;
  /** What it was asked for, as `CONNECT hub.test:80` or `GET http://s3.test/bucket`, and with which credentials. */
  readonly seen: { readonly asked: string; readonly credentials: string | undefined }[];
}

/**
 * @param hosts name → port on this machine
 * @param address what to listen on; `0.0.0.0` for containers
 */
export async function startProxy(
  hosts: Readonly<Record<string, number>>,
  address = "127.0.0.1",
): Promise<ProxyStandIn> {
  const seen: ProxyStandIn["seen"] = [];
  const note = ({ method, url, headers }: IncomingMessage) =>
    seen.push({ asked: `${method} ${url}`, credentials: headers["proxy-authorization"] });
  const server = createServer((incoming, outgoing) => {
    note(incoming);
    const url = URL.parse(incoming.url ?? "");
    const port = hosts[url?.hostname ?? ""];
    if (!url || port === undefined) return outgoing.writeHead(502).end();
    const { "proxy-authorization": _, ...headers } = incoming.headers;
    const options = {
      port,
      host: "127.0.0.1",
      method: incoming.method,
      path: url.pathname + url.search,
      headers,
    };
    const onward = request(options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward.on("error", () => outgoing.destroy()));
  });
  server.on("connect", (incoming, socket, head) => {
    note(incoming);
    const port = hosts[(incoming.url ?? "").split(":")[0] ?? ""];
    if (port === undefined) return socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
  });
  await new Promise<void>((done) => server.listen(0, address, done));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
