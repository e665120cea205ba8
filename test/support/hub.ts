/**
 * A stand-in of the Hugging Face hub that speaks its API (https://huggingface.co/docs/hub/api): model info, paths-info,
 * tree and resolve, with ETag, X-Repo-Commit, X-Linked-Size, X-Error-Code, and large files on another host by a redirect.
 * It can be told to misbehave.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json as readBody } from "node:stream/consumers";
import {
  commitOf,
  digest,
  gitOid,
  type HubRepo,
  isLarge,
  listEntry,
  openRepo,
  Refusal,
} from "./hub-content.ts";
import { type Exchange, type Fault, type Seen, sendContent } from "./hub-send.ts";

export type { HubRepo } from "./hub-content.ts";

export interface HubStandIn extends AsyncDisposable {
  readonly url: string;
  readonly repos: Record<string, HubRepo>;
  /** By path of the file in the repository, for whichever host sends its content. */
  readonly faults: Record<string, Fault>;
  readonly seen: Seen[];
  /** Bytes of file content that were sent for a path. */
  sent(path: string): number;
}

const listen = (server: Server) =>
  new Promise<string>((done) =>
    server.listen(0, "127.0.0.1", () => done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  );

/** Hub and storage behind it, until disposed of. */
export async function startHub(repos: Record<string, HubRepo>): Promise<HubStandIn> {
  const faults: Record<string, Fault> = {};
  const seen: Seen[] = [];
  /** By sha256: what the other host has. */
  const large = new Map<string, { path: string; content: Buffer }>();

  const exchange = (host: Seen["host"], request: IncomingMessage, response: ServerResponse): Exchange => ({
    request,
    response,
    note: (status) => {
      const { authorization, range } = request.headers;
      const { method = "", url: path = "" } = request;
      const entry: Seen = { host, method, path, status, range, authorization, bytes: 0 };
      seen.push(entry);
      return entry;
    },
  });

  const takeFault = (path: string): Fault => {
    const fault = faults[path] ?? {};
    return fault.times !== undefined && fault.times-- <= 0 ? {} : fault;
  };

  async function sendFile(
    at: Exchange,
    name: string,
    { commit, path }: { commit: string; path: string },
  ): Promise<void> {
    const found = repos[name]?.commits[commit]?.[path];
    if (found === undefined) throw new Refusal(404, "EntryNotFound", "Entry not found");
    const content = Buffer.from(found);
    const common = { "x-repo-commit": commit };
    if (!isLarge(path, content)) {
      const headers = { ...common, etag: `"${gitOid(content)}"` };
      return sendContent(at, { content, headers }, takeFault(path));
    }
    const sha256 = digest("sha256", content);
    large.set(sha256, { path, content });
    at.note(302);
    const linked = { "x-linked-size": String(content.length), "x-linked-etag": `"${sha256}"` };
    at.response
      .writeHead(302, { ...common, ...linked, location: `${cdnUrl}/lfs/${sha256}?Signature=secret` })
      .end();
  }

  async function answer(at: Exchange): Promise<void> {
    const token = /^Bearer (.+)$/.exec(at.request.headers.authorization ?? "")?.[1];
    const path = decodeURIComponent(new URL(at.request.url ?? "/", "http://hub").pathname);
    const json = (value: unknown) => {
      at.note(200);
      at.response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
    };

    const [, id, revision = "main"] = /^\/api\/models\/([^/]+\/[^/]+)(?:\/revision\/(.+))?$/.exec(path) ?? [];
    if (id) {
      const repo = openRepo(repos, id, { token, content: false });
      const sha = commitOf(repo, revision);
      const siblings = Object.keys(repo.commits[sha] ?? {}).map((rfilename) => ({ rfilename }));
      const access = { gated: repo.gated ? "manual" : false, private: Boolean(repo.private) };
      return json({
        _id: "1",
        id,
        sha,
        siblings,
        ...access,
        cardData: repo.card,
        pipeline_tag: repo.card?.["pipeline_tag"],
        lastModified: "2026-01-01",
      });
    }

    const [, listed, verb, rev = ""] =
      /^\/api\/models\/([^/]+\/[^/]+)\/(paths-info|tree)\/([^/]+)/.exec(path) ?? [];
    if (listed) {
      const repo = openRepo(repos, listed, { token, content: false });
      const files = repo.commits[commitOf(repo, rev)] ?? {};
      const wanted =
        verb === "tree" ? Object.keys(files) : ((await readBody(at.request)) as { paths: string[] }).paths;
      return json(
        wanted.flatMap((each) => (files[each] === undefined ? [] : [listEntry(each, files[each])])),
      );
    }

    const [, name, of = "", file = ""] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    if (!name) throw new Refusal(404, "", "Not found");
    const commit = commitOf(openRepo(repos, name, { token, content: true }), of);
    return sendFile(at, name, { commit, path: file });
  }

  const hub = createServer((request, response) => {
    const at = exchange("hub", request, response);
    answer(at).catch((error: unknown) => {
      const { status, code, message } =
        error instanceof Refusal ? error : new Refusal(500, "", String(error));
      at.note(status);
      const headers = { "x-error-message": message, ...(code ? { "x-error-code": code } : {}) };
      response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(JSON.stringify({ error: message }));
    });
  });
  const cdn = createServer((request, response) => {
    const at = exchange("cdn", request, response);
    const found = large.get(/^\/lfs\/([0-9a-f]+)/.exec(request.url ?? "")?.[1] ?? "");
    // As S3 does: a signed address beside a header is one way too many to say who asks.
    if (!found || request.headers.authorization) {
      response.writeHead(at.note(found ? 400 : 404).status).end();
      return;
    }
    const headers = { etag: `"${digest("md5", found.content)}"` };
    void sendContent(at, { content: found.content, headers }, takeFault(found.path));
  });
  const [url, cdnUrl] = await Promise.all([listen(hub), listen(cdn)]);
  return {
    url,
    repos,
    faults,
    seen,
    sent: (path) => {
      const ids = [...large].flatMap(([sha256, each]) => (each.path === path ? [sha256] : []));
      return seen
        .filter((each) => [path, ...ids].some((name) => each.path.includes(`/${name}`)))
        .reduce((sum, { bytes }) => sum + bytes, 0);
    },
    async [Symbol.asyncDispose]() {
      for (const server of [hub, cdn]) {
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
      }
    },
  };
}
