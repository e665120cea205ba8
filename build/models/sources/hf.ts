import { copyFile, mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { COMMIT } from "../../../models/spec.ts";
import { Hub } from "../../clients/hub.ts";
import type { HubAddress } from "../../clients/hub-address.ts";
import { UserError } from "../../errors.ts";
import type { FetchedFiles, FetchRequest, Listing, SourceRequest, Survey } from "./source.ts";
import { transfer } from "./transfer.ts";

/**
 * `owner/name[@revision]` as its parts.
 * @throws UserError (exit 2) when it is not written so.
 */
function parseHubAddress(address: string): HubAddress {
  const [, repo, revision = "main"] = /^((?:[\w.-]+\/)?[\w.-]+)(?:@([\w./-]+))?$/.exec(address) ?? [];
  if (repo && !/(?:^|\/)\.\.?(?:\/|$)/.test(address)) return { repo, revision };
  throw new UserError(`Cannot read model source "hf:${address}"`, {
    hint: "Write it as hf:OWNER/NAME or hf:OWNER/NAME@REVISION",
  });
}

/** The commit that Hugging Face's own cache knows for a revision: what a machine without network can go by. */
async function cachedCommit(hub: Hub, { repo, revision }: HubAddress): Promise<string | undefined> {
  if (COMMIT.test(revision)) return revision;
  if (!hub.settings.offline) return undefined;
  return (
    (await readFile(join(repoFolder(hub, repo), "refs", revision), "utf8").catch(() => "")).trim() ||
    undefined
  );
}

const repoFolder = (hub: Hub, repo: string) =>
  join(hub.settings.cache, `models--${repo.replaceAll("/", "--")}`);

/**
 * Files that Hugging Face's own programs have fetched (https://huggingface.co/docs/huggingface_hub/guides/manage-cache),
 * copied: what lies there are symbolic links, which must not get into an image.
 */
async function copyCached(
  hub: Hub,
  { repo, revision }: HubAddress,
  request: FetchRequest,
): Promise<FetchedFiles> {
  const snapshot = join(repoFolder(hub, repo), "snapshots", revision);
  const found: Record<string, string> = {};
  for (const path of request.paths) {
    const from = join(snapshot, path);
    const facts = await stat(from).catch(() => undefined);
    const size = request.known?.[path]?.size;
    if (!facts?.isFile() || (size !== undefined && size !== facts.size)) continue;
    const to = join(request.scratch, path);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
    found[path] = to;
  }
  return found;
}

/**
 * The commit that is given, or that the revision is now, and size and id of each wanted file in it.
 * @throws UserError (exit 2) for a repository, revision or file that does not exist, (exit 3) without token or network.
 */
export async function surveyHub({ address, paths, commit: given, signal }: SourceRequest): Promise<Survey> {
  const hub = await Hub.connect(signal);
  const at = parseHubAddress(address);
  const offline = hub.settings.offline ? await cachedCommit(hub, at) : undefined;
  if (offline) return { commit: offline, files: {} };
  const commit = given ?? (await hub.findModel(at)).commit;
  const files = await hub.findFiles({ ...at, revision: commit }, paths);
  const absent = paths.find((path) => !files[path]);
  if (absent !== undefined)
    throw missing(address, absent, (await hub.findModel({ ...at, revision: commit })).paths);
  return {
    commit,
    files: Object.fromEntries(
      paths.map((path) => [
        path,
        { size: files[path]?.size, sha256: files[path]?.sha256, version: files[path]?.oid },
      ]),
    ),
  };
}

/**
 * The files of a repository at the commit that its revision is now, with what the hub says of the model.
 * @throws UserError (exit 2) for a repository or revision that does not exist, (exit 3) without token or network.
 */
export async function listHub({ address, signal }: Omit<SourceRequest, "paths">): Promise<Listing> {
  return (await Hub.connect(signal)).findModel(parseHubAddress(address));
}

function missing(address: string, path: string, all: readonly string[]): UserError {
  const kind = path.slice(path.lastIndexOf("."));
  const alike = all.filter((each) => each.endsWith(kind)).slice(0, 8);
  const hint = alike.length > 0 ? `It has: ${alike.join(", ")}.` : "Check `files` in the model's spec.";
  return new UserError(`No file ${path} in hf:${address}`, { hint });
}

/**
 * Files of a repository on the Hugging Face hub, at the given commit; those in Hugging Face's own cache are copied.
 * @throws UserError (exit 2) for what does not exist, (exit 3) without token, network or disk.
 */
export async function fetchFromHub(request: FetchRequest): Promise<FetchedFiles> {
  const hub = await Hub.connect(request.signal);
  const { repo, revision } = parseHubAddress(request.address);
  const at = { repo, revision: request.commit ?? revision };
  const cached = await copyCached(hub, at, request);
  const paths = request.paths.filter((path) => !cached[path]);
  if (paths.length === 0) return cached;
  hub.requireOnline(at);
  const fetched = await transfer(
    { ...request, paths },
    {
      origin: `hf:${repo}@${at.revision}`,
      open: (path) => (offset, signal) => hub.open(at, path, { offset, signal }),
      explain: (error, path) => hub.explain(error, at, path),
    },
  );
  return { ...cached, ...fetched };
}
