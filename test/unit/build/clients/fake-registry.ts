import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** What happens to a request in place of its answer: a status, or its connection is cut, before or after it is done. */
export type Fault =
  | number
  | { readonly status: number; readonly code: string }
  | { readonly says: string; readonly status?: number; readonly headers?: Readonly<Record<string, string>> }
  | "cut"
  | "lost"
  | "endless"
  | undefined;

/** An answer without an end. */
function drip(response: ServerResponse, status: number): void {
  response.writeHead(status);
  const more = () => {
    while (!response.destroyed && response.write("x".repeat(1e6)));
  };
  response.on("drain", more);
  more();
}

interface Setup {
  /** Whether it lists what refers to an image. */
  readonly referrers?: boolean;
  /** `user:password` in base64; with it, a token is asked for (`Bearer`), each good for so many requests. */
  readonly login?: string;
  readonly requestsPerToken?: number;
  /** How it asks for the login: for a token by default, for user and password, or not at all. */
  readonly challenge?: "token" | "basic" | "forbidden";
  /** What stands in for user and password when a token is asked for. */
  readonly refresh?: string;
  /** What is answered in place of a token. */
  readonly tokenAnswer?: string;
  /** Decides about each request by its method, its path, and its number among those of the same kind. */
  readonly fault?: (asked: string, count: number) => Fault;
}

const digestOf = (content: Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** A registry in memory, with one repository: https://github.com/opencontainers/distribution-spec. It ends with the test. */
export async function fakeRegistry({
  referrers = true,
  login,
  requestsPerToken = 1e6,
  challenge = "token",
  refresh,
  tokenAnswer,
  fault,
}: Setup = {}) {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, { content: Buffer; type: string }>();
  const asked: string[] = [];
  const counts = new Map<string, number>();
  let token = { value: "none", left: 0 };
  let uploads = 0;

  function refuse(
    response: ServerResponse,
    status: number,
    { code = "REFUSED", headers = {} }: { code?: string; headers?: Record<string, string> } = {},
  ) {
    response.writeHead(status, headers).end(JSON.stringify({ errors: [{ code }] }));
  }

  /** Refuses those who are not logged in; whether it did. */
  function asksForLogin({ request, response }: Exchange): boolean {
    const { authorization, host } = request.headers;
    if (!login) return false;
    if (challenge === "token") {
      if (authorization === `Bearer ${token.value}` && token.left-- > 0) return false;
      const wanted = `Bearer realm="http://${host}/token",service="test",scope="repository:team/embed:pull,push"`;
      refuse(response, 401, { headers: { "www-authenticate": wanted } });
      return true;
    }
    if (authorization === `Basic ${login}`) return false;
    if (challenge === "basic")
      refuse(response, 401, { headers: { "www-authenticate": 'Basic realm="test"' } });
    else refuse(response, 403);
    return true;
  }

  function putManifest(reference: string, content: Buffer, { request, response }: Exchange) {
    const found = { content, type: String(request.headers["content-type"]) };
    manifests.set(digestOf(content), found);
    manifests.set(reference, found);
    const { subject } = JSON.parse(content.toString()) as { subject?: { digest: string } };
    response.writeHead(201, referrers && subject ? { "oci-subject": subject.digest } : {}).end();
  }

  function listReferrers(digest: string, response: ServerResponse) {
    const all = [...manifests].filter(([name]) => name.startsWith("sha256:"));
    const found = all.flatMap(([name, { content, type }]) => {
      const { subject, artifactType, annotations } = JSON.parse(content.toString());
      const descriptor = { mediaType: type, digest: name, size: content.length, artifactType, annotations };
      return subject?.digest === digest ? [descriptor] : [];
    });
    response.writeHead(200).end(JSON.stringify({ schemaVersion: 2, manifests: found }));
  }

  interface Exchange {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
  }

  function answer(body: Buffer, { request, response }: Exchange) {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://registry");
    const [, kind, name = ""] = /^\/v2\/team\/embed\/(manifests|blobs|referrers)\/(.*)$/.exec(pathname) ?? [];
    const method = request.method ?? "";
    if (kind === "referrers") {
      return referrers ? listReferrers(name, response) : refuse(response, 404);
    }
    if (kind === "manifests" && method === "PUT") return putManifest(name, body, { request, response });
    if (kind === "manifests") {
      const found = manifests.get(name);
      if (!found) return refuse(response, 404);
      return response.writeHead(200, { "content-type": found.type }).end(found.content);
    }
    if (method === "POST") {
      uploads += 1;
      return response.writeHead(202, { location: `/v2/team/embed/blobs/uploads/${uploads}?state=x` }).end();
    }
    if (method === "PUT") {
      const digest = searchParams.get("digest") ?? "";
      if (digest !== digestOf(body) || searchParams.get("state") !== "x") return refuse(response, 400);
      blobs.set(digest, body);
      return response.writeHead(201).end();
    }
    return blobs.has(name) ? response.writeHead(200).end(blobs.get(name)) : refuse(response, 404);
  }

  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const line = `${request.method} ${(request.url ?? "").split("?")[0]}`;
    asked.push(line);
    if (request.url?.startsWith("/token")) {
      if (typeof tokenAnswer === "string") return response.end(tokenAnswer);
      const isKnown = refresh
        ? new URLSearchParams(body.toString()).get("refresh_token") === refresh
        : request.headers.authorization === `Basic ${login}`;
      if (!isKnown) return refuse(response, 401);
      token = { value: `t${asked.length}`, left: requestsPerToken };
      return response.end(JSON.stringify({ token: token.value }));
    }
    if (asksForLogin({ request, response })) return;
    const kind = line.replaceAll(/sha256[:-][0-9a-f]{64}/g, "DIGEST").replace(/uploads\/\d+/, "uploads/N");
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const fate = fault?.(kind, counts.get(kind) ?? 0);
    if (fate === "cut") return request.socket.destroy();
    if (fate === "endless") return drip(response, request.method === "GET" ? 200 : 400);
    if (typeof fate === "number") return refuse(response, fate);
    if (typeof fate === "object" && "says" in fate)
      return response.writeHead(fate.status ?? 200, fate.headers).end(fate.says);
    if (typeof fate === "object") return refuse(response, fate.status, { code: fate.code });
    if (fate !== "lost") return answer(body, { request, response });
    answer(body, {
      request,
      response: Object.assign(Object.create(response), {
        end: () => response,
        writeHead() {
          return this;
        },
      }),
    });
    request.socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    blobs,
    manifests,
    /** Puts an image there; returns its digest. */
    hold(image: object): string {
      const content = Buffer.from(JSON.stringify(image));
      manifests.set(digestOf(content), { content, type: "application/vnd.oci.image.manifest.v1+json" });
      return digestOf(content);
    },
  };
}
