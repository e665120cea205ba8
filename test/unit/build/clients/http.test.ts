import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  HttpError,
  isPassing,
  networkFault,
  openUrl,
  retryAfter,
  waitAsAsked,
} from "../../../../build/clients/http.ts";
import { UserError } from "../../../../build/errors.ts";

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const { signal } = new AbortController();
const response = (status: number, headers: Record<string, string> = {}) =>
  new HttpError({
    url: "https://hub.example/x",
    status,
    statusText: "Oh",
    headers: new Headers(headers),
  } as Response);
const lost = (code: string) =>
  new TypeError("fetch failed", { cause: Object.assign(new Error(`${code} x`), { code }) });

describe("an address is opened", () => {
  test("from the start, without compression", async () => {
    const url = await serve((request, reply) =>
      reply.end(`${request.headers["accept-encoding"]} ${request.headers.range}`),
    );
    const { stream, offset, size } = await openUrl(url, 0, { signal });
    expect(await text(stream)).toBe("identity undefined");
    expect({ offset, size }).toEqual({ offset: 0, size: 18 });
  });

  test("from a position on", async () => {
    const url = await serve((request, reply) => {
      expect(request.headers.range).toBe("bytes=3-");
      reply.writeHead(206, { "content-range": "bytes 3-9/10" }).end("3456789");
    });
    expect(await openUrl(url, 3, { signal })).toMatchObject({ offset: 3, size: 10 });
  });

  test("and a header of the first host does not go to the one it redirects to", async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, reply) => {
      seen.push(request.headers.authorization);
      reply.end("x");
    });
    const url = await serve((request, reply) => {
      seen.push(request.headers.authorization);
      reply.writeHead(302, { location: other }).end();
    });
    await openUrl(url, 0, { signal, headers: { authorization: "Bearer token" } });
    expect(seen).toEqual(["Bearer token", undefined]);
  });

  test("in vain is an error with host and status, not with the address's own parameters", async () => {
    const url = await serve((_, reply) => reply.writeHead(403).end());
    const error = await openUrl(`${url}/x?Signature=abc`, 0, { signal }).catch((each) => each);
    expect(error).toBeInstanceOf(HttpError);
    expect(error.message).toBe(`${new URL(url).host} answers 403 Forbidden`);
  });
});

test.each([
  [response(503), true],
  [response(429), true],
  [response(429, { "retry-after": "300" }), true],
  [response(429, { "retry-after": "301" }), false],
  [response(503, { "retry-after": "86400" }), false],
  [response(404), false],
  [response(401), false],
  [lost("ECONNRESET"), true],
  [lost("ENOTFOUND"), true],
  [new TypeError("terminated"), true],
  [lost("SELF_SIGNED_CERT_IN_CHAIN"), false],
  [Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" }), false],
  [new UserError("x"), false],
])("%s may pass: %s", (error, passes) => {
  expect(isPassing(error)).toBe(passes);
});

test.each([
  [response(429, { "retry-after": "2" }), 2000],
  [response(429, { "retry-after": "9999" }), 9_999_000],
  [response(429, { ratelimit: '"resolvers";r=0;t=55' }), 55_000],
  [response(429, { "retry-after": "3", ratelimit: '"api";r=0;t=55' }), 3000],
  [response(503, { ratelimit: '"api";r=10;t=55' }), 0],
  [response(429, { "retry-after": "soon" }), 0],
  [response(429, { "retry-after": "-5" }), 0],
  [response(429, { "retry-after": "Fri, 31 Dec 1999 23:59:59 GMT" }), 0],
  [response(503), 0],
  [new Error("x"), 0],
])("after %s a pause of %i ms is asked for", (error, pause) => {
  expect(retryAfter(error)).toBe(pause);
});

test("a date is as far away as it is", () => {
  const date = new Date(Date.now() + 90_500).toUTCString();
  const wait = retryAfter(response(503, { "retry-after": date }));
  expect(wait).toBeGreaterThan(88_000);
  expect(wait).toBeLessThanOrEqual(90_500);
});

test("a wait of more than a moment is said, and ends with the command", async () => {
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const stop = new AbortController();
  const waiting = waitAsAsked(response(429, { "retry-after": "200" }), stop.signal);
  stop.abort(new Error("SIGINT"));
  await expect(waiting).rejects.toThrow();
  expect(said).toHaveBeenCalledWith("hub.example answers 429 Oh: waiting 4 minutes, as it asks\n");
});

describe("a fault of the network", () => {
  test("says what could not be done, and the innermost reason: exit code 3", () => {
    expect(networkFault(lost("ENOTFOUND"), "fetch x")).toMatchObject({
      exitCode: 3,
      message: "Cannot fetch x: ENOTFOUND x",
    });
  });

  test("of a certificate says how to trust it", () => {
    const fault = networkFault(lost("SELF_SIGNED_CERT_IN_CHAIN"), "fetch x");
    expect(fault).toMatchObject({ exitCode: 3, hint: expect.stringContaining("NODE_EXTRA_CA_CERTS") });
  });

  test("is not made of a bug", () => {
    const bug = new TypeError("x is not a function");
    expect(networkFault(bug, "fetch x")).toBe(bug);
    expect(networkFault("text", "fetch x")).toBe("text");
  });
});
