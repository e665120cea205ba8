import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Stands between a client and a server, passes on every byte, and counts those of the client. */
export interface CountingProxy extends AsyncDisposable {
  /** `host:port`. */
  readonly host: string;
  /** Bytes that clients have sent since the last call, all of TCP's content: headers and bodies. */
  take(): number;
}

export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const [hostname = "", port] = target.split(":");
  const sockets = new Set<Socket>();
  let sent = 0;
  const server = createServer((client) => {
    const onward = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, onward],
      [onward, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy()).on("close", () => sockets.delete(from));
    }
    client.on("data", (piece: Buffer) => {
      sent += piece.length;
    });
    client.pipe(onward).pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = sent;
      sent = 0;
      return taken;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
