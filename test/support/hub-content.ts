import { createHash } from "node:crypto";

/** A repository of the stand-in. */
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

export const digest = (algorithm: string, content: Buffer | string): string =>
  createHash(algorithm).update(content).digest("hex");

/** What git calls a file's content: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
export const gitOid = (content: Buffer): string =>
  createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");

const pointer = (content: Buffer): Buffer =>
  Buffer.from(
    `version https://git-lfs.github.com/spec/v1\noid sha256:${digest("sha256", content)}\nsize ${content.length}\n`,
  );

/** Whether the hub keeps a file as a large one: by its sha256, on another host. */
export const isLarge = (path: string, content: Buffer): boolean =>
  content.length > 10_000_000 || /\.(?:onnx|onnx_data\w*|safetensors|bin)$/.test(path);

/** A file as paths-info and tree list it. */
export function listEntry(path: string, value: Buffer | string): object {
  const content = Buffer.from(value);
  const common = { type: "file", path, size: content.length };
  if (!isLarge(path, content)) return { ...common, oid: gitOid(content) };
  const lfs = {
    oid: digest("sha256", content),
    size: content.length,
    pointerSize: pointer(content).length,
  };
  return { ...common, oid: gitOid(pointer(content)), lfs };
}

/** The hub's refusal: status, X-Error-Code and message. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * The repository for a request with this token, by the hub's rules of access.
 * @throws Refusal
 */
export function openRepo(
  repos: Readonly<Record<string, HubRepo>>,
  name: string,
  { token, content }: { token: string | undefined; content: boolean },
): HubRepo {
  const repo = repos[name];
  if (token === "hf_expired") throw new Refusal(401, "", "Invalid credentials in Authorization header");
  const hidden = !repo || (repo.private && repo.private !== token);
  // Without a token, what does not exist and what is private look the same.
  if (hidden && !token) throw new Refusal(401, "RepoNotFound", "Invalid username or password.");
  if (hidden) throw new Refusal(404, "RepoNotFound", "Repository not found");
  if (content && repo.gated && repo.gated !== token) {
    throw new Refusal(token ? 403 : 401, "GatedRepo", `Access to model ${name} is restricted.`);
  }
  return repo;
}

/** @throws Refusal for a revision that there is not. */
export function commitOf(repo: HubRepo, revision: string): string {
  const branch = ["main", "HEAD"].includes(revision);
  const commit = branch ? Object.keys(repo.commits).at(-1) : (repo.refs?.[revision] ?? revision);
  if (commit && repo.commits[commit]) return commit;
  throw new Refusal(404, "RevisionNotFound", `Invalid rev id: ${revision}`);
}
