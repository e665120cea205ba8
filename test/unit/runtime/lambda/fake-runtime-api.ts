import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

interface Posted {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The text parsed; undefined when it is no JSON. */
  readonly json: unknown;
  readonly trailers: NodeJS.Dict<string>;
}

/** One event that the fake hands out; what its headers say can be overridden. */
export interface FakeEvent {
  readonly body: string;
  readonly headers?: Record<string, string>;
}

/**
 * Lambda's Runtime API on a random port: hands out `events` one by one, then keeps `next` waiting; records what is
 * posted. `status` decides the answer to a post, 202 by default.
 */
export async function fakeRuntimeApi(events: FakeEvent[], status: (path: string) => number = () => 202) {
  const posted: Posted[] = [];
  let handedOut = 0;
  let restored = 0;
  let waiting = () => {};
  const idle = new Promise<void>((resolve) => {
    waiting = resolve;
  });
  const server = createServer(async (request, response) => {
    const path = (request.url ?? "").replace("/2018-06-01/runtime/", "");
    if (request.method === "POST") {
      const body = await text(request);
      posted.push({
        path,
        headers: request.headers,
        text: body,
        json: parsed(body),
        trailers: request.trailers,
      });
      response.writeHead(status(path)).end("{}");
      return;
    }
    if (path === "restore/next") {
      restored++;
      response.writeHead(200).end();
      return;
    }
    const event = events[handedOut];
    if (event === undefined) return waiting();
    handedOut++;
    response.writeHead(200, {
      "Lambda-Runtime-Aws-Request-Id": `request-${handedOut}`,
      "Lambda-Runtime-Deadline-Ms": String(Date.now() + 60_000),
      "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:f",
      ...event.headers,
    });
    response.end(event.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted,
    /** How often `restore/next` was asked. */
    restores: () => restored,
    /** Resolves when every event was handed out and `next` waits for more. */
    idle,
    /** Breaks every connection, as a crash of the other side does. */
    drop: () => server.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
