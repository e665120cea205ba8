import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** How AWS, or a registry of ECR, refuses a request. */
const REFUSALS = {
  throttle: {
    status: 429,
    name: "TooManyRequestsException",
    code: "TOOMANYREQUESTS",
    message: "Rate exceeded",
  },
  error: { status: 500, name: "ServiceException", code: "UNKNOWN", message: "Internal error" },
  expire: {
    status: 403,
    name: "ExpiredTokenException",
    code: "DENIED",
    message: "The security token included in the request is expired",
  },
} as const;

/** What happens to a request: it is passed on, refused, done and its answer lost, or lost itself. */
export type Fate = "pass" | keyof typeof REFUSALS | "lose" | "drop";

export interface FaultyProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** What was asked, in order: `PUT /2015-03-31/functions/embed/code`, `POST / …_V20150921.CreateRepository`. */
  readonly asked: string[];
  /** Decides about each request; called before it is passed on. */
  fate: (asked: string, count: number) => Fate | Promise<Fate>;
  /** Called when a request whose answer is to be lost is done. */
  lost: (asked: string) => void | Promise<void>;
}

/** The calls that change something: the reading ones of Lambda are GET, and an invocation changes nothing. */
export const isWriting = (asked: string): boolean =>
  !asked.startsWith("GET ") && !/^POST \S+\/invocations/.test(asked);

/** Stands between a client and AWS, notes what is asked, and lets some of it fail. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const { hostname, port } = new URL(target);
  const server = createServer();
  const proxy = {
    asked: [] as string[],
    fate: (() => "pass") as FaultyProxy["fate"],
    lost: (() => {}) as FaultyProxy["lost"],
  };

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method, url, headers } = incoming;
    const operation = headers["x-amz-target"];
    const asked = `${method} ${url}${operation ? ` ${operation}` : ""}`;
    proxy.asked.push(asked);
    const body = await buffer(incoming);
    const fate = await proxy.fate(asked, proxy.asked.length);
    if (fate === "drop") return void incoming.socket.destroy();
    if (fate !== "pass" && fate !== "lose") {
      const { status, name, code, message } = REFUSALS[fate];
      const said = fate === "expire" ? "Your authorization token has expired." : message;
      outgoing.writeHead(status, { "x-amzn-errortype": name, "content-type": "application/json" });
      outgoing.end(
        JSON.stringify({ __type: name, Message: message, message, errors: [{ code, message: said }] }),
      );
      return;
    }
    const onward = request({ host: hostname, port, method, path: url, headers }).end(body);
    const [reply] = (await once(onward, "response")) as [IncomingMessage];
    const content = await buffer(reply);
    if (fate === "lose") {
      await proxy.lost(asked);
      return void incoming.socket.destroy();
    }
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
