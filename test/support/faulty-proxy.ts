import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What happens to a request: it is passed on, refused with a status, done and its answer lost, or lost itself. */
export type Fate = "pass" | "throttle" | "error" | "lose" | "drop";

export interface FaultyProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** What was asked, as `PUT /2015-03-31/functions/embed/code`, in order. */
  readonly asked: string[];
  /** Decides about each request; called before it is passed on. */
  fate: (asked: string, count: number) => Fate | Promise<Fate>;
}

/** The calls that change something: the reading ones of Lambda are GET, and an invocation changes nothing. */
export const isWriting = (asked: string): boolean =>
  !asked.startsWith("GET ") && !/^POST \S+\/invocations/.test(asked);

/** Stands between a client and AWS, notes what is asked, and lets some of it fail. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const { hostname, port } = new URL(target);
  const server = createServer();
  const proxy = { asked: [] as string[], fate: (() => "pass") as FaultyProxy["fate"] };

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method, url, headers } = incoming;
    const asked = `${method} ${url}`;
    proxy.asked.push(asked);
    const body = await buffer(incoming);
    const fate = await proxy.fate(asked, proxy.asked.length);
    if (fate === "throttle" || fate === "error") {
      const name = fate === "throttle" ? "TooManyRequestsException" : "ServiceException";
      outgoing.writeHead(fate === "throttle" ? 429 : 500, { "x-amzn-errortype": name });
      outgoing.end(JSON.stringify({ Message: "Rate exceeded" }));
      return;
    }
    if (fate === "drop") return void incoming.socket.destroy();
    const onward = request({ host: hostname, port, method, path: url, headers }).end(body);
    const [reply] = (await once(onward, "response")) as [IncomingMessage];
    const content = await buffer(reply);
    if (fate === "lose") return void incoming.socket.destroy();
    outgoing.writeHead(reply.statusCode ?? 502, reply.headers).end(content);
  }

  server.on("request", (incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(proxy, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  });
}
