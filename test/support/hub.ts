/**
 * A stand-in of the Hugging Face hub that speaks its API (https://huggingface.co/docs/hub/api): model info, paths-info,
 * tree and resolve, with ETag, X-Repo-Commit, X-Linked-Size, X-Error-Code, and large files on another host by a redirect.
 * It can be told to misbehave.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Content kept as the hub keeps large files: by sha256, on another host. */
const isLarge = (path: string, content: Buffer) =>
  content.length > 10_000_000 || /\.(?:onnx|onnx_data\w*|safetensors|bin)$/.test(path);

export interface HubRepo {
  /** Commit → path → content. The last one is what `main` is. */
  commits: Record<string, Record<string, Buffer | string>>;
  /** Tags and further branches. */
  refs?: Record<string, string>;
  card?: Record<string, unknown>;
  /** The token that may read it; a gated repository shows its info to everyone, a private one does not. */
  gated?: string;
  private?: string;
}

export interface Fault {
  /** Ends the connection after so many bytes. */
  cutAfter?: number;
  /** Ends the first connections after so many bytes, each after its own. */
  cuts?: number[];
  status?: number;
  headers?: Record<string, string>;
  /** Milliseconds between pieces of 64 kB. */
  pause?: number;
  /** Sends these bytes in place of the content. */
  instead?: Buffer;
  /** Sends the whole file whatever range is asked for. */
  noRange?: boolean;
  /** How often, default always. */
  times?: number;
}

export interface Seen {
  readonly host: "hub" | "cdn";
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
  /** Bytes of the body that were sent. */
  bytes: number;
}

export interface HubStandIn extends AsyncDisposable {
  readonly url: string;
  readonly repos: Record<string, HubRepo>;
  /** By path of the file in the repository, for whichever host sends its content. */
  readonly faults: Record<string, Fault>;
  readonly seen: Seen[];
  /** Bytes of file content that were sent for a path. */
  sent(path: string): number;
}

const digest = (algorithm: string, content: Buffer | string) =>
  createHash(algorithm).update(content).digest("hex");
const gitOid = (content: Buffer) =>
  createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
const pointer = (content: Buffer) =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${digest("sha256", content)}\nsize ${content.length}\n`;

const listen = (server: Server) =>
  new Promise<string>((done) =>
    server.listen(0, "127.0.0.1", () => done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  );

const body = async (request: IncomingMessage) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export async function startHub(repos: Record<string, HubRepo>): Promise<HubStandIn> {
  const faults: Record<string, Fault> = {};
  const seen: Seen[] = [];
  const large = new Map<string, { path: string; content: Buffer }>();

  const note = (host: Seen["host"], request: IncomingMessage, status: number): Seen => {
    const { authorization, range } = request.headers;
    const entry: Seen = {
      host,
      method: request.method ?? "",
      path: request.url ?? "",
      status,
      range,
      authorization,
      bytes: 0,
    };
    seen.push(entry);
    return entry;
  };

  const takeFault = (path: string): Fault => {
    const fault = faults[path];
    if (!fault) return {};
    if (fault.times !== undefined && fault.times-- <= 0) return {};
    return fault;
  };

  async function send(
    { host, request, response }: { host: Seen["host"]; request: IncomingMessage; response: ServerResponse },
    { path, content, headers }: { path: string; content: Buffer; headers: Record<string, string> },
  ): Promise<void> {
    const fault = takeFault(path);
    if (fault.status) {
      note(host, request, fault.status);
      response.writeHead(fault.status, fault.headers).end();
      return;
    }
    const whole = fault.instead ?? content;
    const from = fault.noRange ? 0 : Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (from >= whole.length && from > 0) {
      note(host, request, 416);
      response.writeHead(416, { "content-range": `bytes */${whole.length}` }).end();
      return;
    }
    const entry = note(host, request, from > 0 ? 206 : 200);
    const part = whole.subarray(from);
    response.writeHead(entry.status, {
      ...headers,
      "accept-ranges": "bytes",
      "content-length": String(part.length),
      ...(from > 0 ? { "content-range": `bytes ${from}-${whole.length - 1}/${whole.length}` } : {}),
    });
    if (request.method === "HEAD") return void response.end();
    const end = Math.min(part.length, fault.cutAfter ?? fault.cuts?.shift() ?? part.length);
    for (let at = 0; at < end && !response.destroyed; at += 65_536) {
      const piece = part.subarray(at, Math.min(at + 65_536, end));
      await new Promise((done) => response.write(piece, done));
      entry.bytes += piece.length;
      if (fault.pause) await sleep(fault.pause);
    }
    if (end < part.length) response.destroy();
    else response.end();
  }

  /** The repository for a request with this token, as the hub's access rules have it. */
  function repoFor(name: string, token: string | undefined, content: boolean): HubRepo {
    const repo = repos[name];
    if (token === "hf_expired") throw new Refusal(401, "", "Invalid credentials in Authorization header");
    const hidden = !repo || (repo.private && repo.private !== token);
    // Without a token, what does not exist and what is private look the same.
    if (hidden && !token) throw new Refusal(401, "RepoNotFound", "Invalid username or password.");
    if (hidden || !repo) throw new Refusal(404, "RepoNotFound", "Repository not found");
    if (content && repo.gated && repo.gated !== token) {
      const message = `Access to model ${name} is restricted.`;
      throw new Refusal(token ? 403 : 401, "GatedRepo", message);
    }
    return repo;
  }

  function commitOf(repo: HubRepo, revision: string): string {
    const commits = Object.keys(repo.commits);
    const commit = ["main", "HEAD"].includes(revision) ? commits.at(-1) : (repo.refs?.[revision] ?? revision);
    if (!commit || !repo.commits[commit])
      throw new Refusal(404, "RevisionNotFound", `Invalid rev id: ${revision}`);
    return commit;
  }

  const entryOf = (path: string, value: Buffer | string) => {
    const content = Buffer.from(value);
    if (!isLarge(path, content)) return { type: "file", path, size: content.length, oid: gitOid(content) };
    const lfs = {
      oid: digest("sha256", content),
      size: content.length,
      pointerSize: pointer(content).length,
    };
    return { type: "file", path, size: content.length, oid: gitOid(Buffer.from(pointer(content))), lfs };
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://hub");
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    const path = decodeURIComponent(url.pathname);
    const json = (value: unknown) => {
      note("hub", request, 200);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    const [, info, revision = "main"] =
      /^\/api\/models\/([^/]+\/[^/]+)(?:\/revision\/(.+))?$/.exec(path) ?? [];
    if (info) {
      const repo = repoFor(info, token, false);
      const sha = commitOf(repo, revision);
      const siblings = Object.keys(repo.commits[sha] ?? {}).map((rfilename) => ({ rfilename }));
      const gated = repo.gated ? "manual" : false;
      return json({
        _id: "1",
        id: info,
        sha,
        siblings,
        gated,
        private: Boolean(repo.private),
        cardData: repo.card,
        lastModified: "2026-01-01",
      });
    }
    const [, listed, verb, at = ""] =
      /^\/api\/models\/([^/]+\/[^/]+)\/(paths-info|tree)\/([^/]+)/.exec(path) ?? [];
    if (listed) {
      const repo = repoFor(listed, token, false);
      const files = repo.commits[commitOf(repo, at)] ?? {};
      const wanted =
        verb === "tree" ? Object.keys(files) : (JSON.parse(await body(request)) as { paths: string[] }).paths;
      return json(
        wanted.filter((each) => files[each] !== undefined).map((each) => entryOf(each, files[each] ?? "")),
      );
    }
    const [, name, rev = "", file = ""] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    if (!name) throw new Refusal(404, "", "Not found");
    const repo = repoFor(name, token, true);
    const commit = commitOf(repo, rev);
    const found = repo.commits[commit]?.[file];
    if (found === undefined) throw new Refusal(404, "EntryNotFound", "Entry not found");
    const content = Buffer.from(found);
    const common = { "x-repo-commit": commit };
    if (!isLarge(file, content)) {
      return send(
        { host: "hub", request, response },
        { path: file, content, headers: { ...common, etag: `"${gitOid(content)}"` } },
      );
    }
    const sha256 = digest("sha256", content);
    large.set(sha256, { path: file, content });
    note("hub", request, 302);
    response
      .writeHead(302, {
        ...common,
        location: `${cdnUrl}/lfs/${sha256}?Signature=secret`,
        "x-linked-size": String(content.length),
        "x-linked-etag": `"${sha256}"`,
      })
      .end();
  }

  const hub = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const { status, code, message } =
        error instanceof Refusal ? error : new Refusal(500, "", String(error));
      note("hub", request, status);
      response
        .writeHead(status, {
          "content-type": "application/json",
          "x-error-message": message,
          ...(code ? { "x-error-code": code } : {}),
        })
        .end(JSON.stringify({ error: message }));
    });
  });
  const cdn = createServer((request, response) => {
    const found = large.get(/^\/lfs\/([0-9a-f]+)/.exec(request.url ?? "")?.[1] ?? "");
    // As S3 does: a signed address beside a header is one way too many to say who asks.
    if (!found || request.headers.authorization) {
      note("cdn", request, found ? 400 : 404);
      return void response.writeHead(found ? 400 : 404).end();
    }
    void send(
      { host: "cdn", request, response },
      { ...found, headers: { etag: `"${digest("md5", found.content)}"` } },
    );
  });
  const [url, cdnUrl] = await Promise.all([listen(hub), listen(cdn)]);
  return {
    url,
    repos,
    faults,
    seen,
    sent: (path) => {
      const ids = Object.values(repos).flatMap(({ commits }) =>
        Object.values(commits).flatMap((files) => files[path] ?? []),
      );
      const names = [path, ...ids.map((content) => digest("sha256", content))];
      return seen
        .filter((each) => names.some((name) => each.path.includes(`/${name}`)))
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
