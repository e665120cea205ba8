import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UserError } from "../errors.ts";
import { start } from "../processes/programs.ts";

/** Facts about the project that are not configuration: from git and the clock of the last commit. */
export interface Revision {
  readonly revision?: string | undefined;
  readonly source?: string | undefined;
  /** Why there is no revision, where there should be one. */
  readonly unknown?: UserError;
  /** Seconds since 1970 that images carry as their time of creation. */
  readonly epoch: number;
}

/** git gives no answer; the message is its own. */
export class Refused extends Error {
  /** git itself is not there. */
  readonly missing: boolean;

  constructor(message: string, { missing }: { readonly missing: boolean }) {
    super(message);
    this.missing = missing;
  }
}

/** What git prints of a project. @throws Refused */
export async function git(project: string, ...args: string[]): Promise<string> {
  const env = { LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" };
  const { code, failed, stdout, stderr } = await start("git", args, { cwd: project, reject: false, env });
  if (!failed) return stdout.trim();
  const missing = code === "ENOENT";
  throw new Refused(
    missing ? "git is not installed" : stderr.trim().split("\n")[0] || `git ${args[0]} fails`,
    {
      missing,
    },
  );
}

/** A remote as a web address without user and password; undefined for a path of this machine. */
export function publicRemote(remote = ""): string | undefined {
  const [, short, path] = /^[^@/:]+@([^@/:]+):(?!\/\/)\/*(.+)$/.exec(remote) ?? [];
  const url = URL.parse(short ? `ssh://${short}/${path}` : remote);
  if (!url || !/^(?:https?|ssh|git):$/.test(url.protocol) || url.pathname.length < 2) return undefined;
  // The port of ssh is not one of the web server's.
  const web = url.protocol.startsWith("http");
  return `${web ? url.protocol : "https:"}//${web ? url.host : url.hostname}${url.pathname.replace(/(?<!\/)\/+$/, "").replace(/\.git$/, "")}`;
}

/** Whether a folder or one above it holds a repository's data. */
async function isInRepository(folder: string): Promise<boolean> {
  if (await stat(join(folder, ".git")).catch(() => undefined)) return true;
  return dirname(folder) !== folder && isInRepository(dirname(folder));
}

const OR_VERSION = "or set the version with --image-version.";

/** What to do about an error of git. */
function remedyOf(message: string): string {
  const [, folder] = /^fatal: detected dubious ownership in repository at '(.+)'$/.exec(message) ?? [];
  if (folder)
    return `Another user owns the folder. Where you trust it: git config --global --add safe.directory ${folder}`;
  return /does not have any commits yet/.test(message)
    ? `Commit the project first (git add . && git commit), ${OR_VERSION}`
    : `Fix the problem that git reports, ${OR_VERSION}`;
}

/** Why the revision of a folder cannot be told; undefined for a folder that is in no repository. */
async function whyUnknown(project: string, { message, missing }: Refused): Promise<UserError | undefined> {
  const isOutside = missing
    ? !(await isInRepository(project))
    : /not a git repository \(or any/.test(message);
  if (isOutside) return undefined;
  return new UserError(`The git revision of ${project} cannot be determined: ${message}`, {
    hint: missing ? `Install git, ${OR_VERSION}` : remedyOf(message),
    reason: "environment",
  });
}

/** The time that the caller asks for. @throws UserError (exit 2) when SOURCE_DATE_EPOCH is set and no number of seconds. */
export function sourceDateEpoch(): number | undefined {
  const text = process.env["SOURCE_DATE_EPOCH"];
  if (!text) return undefined;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new UserError(`SOURCE_DATE_EPOCH is "${text}", which is not a time`, {
    hint: "Write it as seconds since 1970, such as `git log -1 --format=%ct` prints, or unset it.",
  });
}

/** What the repository itself says of a program that git runs on files before it compares them. */
const FILTER = /^(?:local|worktree)\0(filter\..+\.(?:clean|process|required))$/s;

/**
 * The files that differ from the commit, of all that it has or of those that `more` names. To compare one, git runs the filters that the repository's own configuration
 * names, which may be anybody's: those are left out, the user's own (Git LFS) stay. Of a submodule the commit counts alone.
 */
export async function statusOf(project: string, ...more: string[]): Promise<string> {
  const settings = (await git(project, "config", "--list", "--show-scope", "--name-only", "-z")).split("\0");
  const filters = settings.flatMap((name, i) => FILTER.exec(`${settings[i - 1]}\0${name}`)?.[1] ?? []);
  const off = filters.flatMap((name) => ["-c", `${name}=${name.endsWith(".required") ? "false" : ""}`]);
  const wanted = more.length > 0 ? more : ["--untracked-files=no"];
  return git(project, ...off, "status", "--porcelain", "--ignore-submodules=dirty", ...wanted);
}

/**
 * What git says about a project: the revision (with `-dirty` when files differ from it), its remote, and the time of
 * its commit (SOURCE_DATE_EPOCH rules where it is set). Outside of git the time is 0, so that builds stay reproducible;
 * where git refuses to say, it is 0 as well, and `unknown` has why.
 * @throws UserError (exit 2) for a SOURCE_DATE_EPOCH that is no time.
 */
export async function readRevision(project: string): Promise<Revision> {
  const given = sourceDateEpoch();
  const remote = git(project, "config", "--get", "remote.origin.url").then(publicRemote, () => undefined);
  try {
    const [commit, status] = await Promise.all([
      git(project, "log", "-1", "--format=%H %ct"),
      statusOf(project),
    ]);
    const [head, time] = commit.split(" ");
    return { revision: status ? `${head}-dirty` : head, source: await remote, epoch: given ?? Number(time) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const unknown = await whyUnknown(project, error);
    return { source: await remote, epoch: given ?? 0, ...(unknown && { unknown }) };
  }
}

/** Who made a commit. */
export interface Author {
  readonly name: string;
  readonly email: string;
}

/** The author of the last commit. */
export async function readAuthor(project: string): Promise<Author> {
  const [name = "", email = ""] = (await git(project, "log", "-1", "--format=%an%x00%ae")).split("\0");
  return { name, email };
}
