import { execa } from "execa";
import type { Revision } from "../plan.ts";

async function git(project: string, ...args: string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await execa("git", args, { cwd: project, reject: false });
  return exitCode === 0 && stdout ? stdout.trim() : undefined;
}

/** A remote as a web address without user and password; undefined for a path of this machine. */
export function publicRemote(remote = ""): string | undefined {
  const [, short, path] = /^[^@/:]+@([^@/:]+):(?!\/\/)\/*(.+)$/.exec(remote) ?? [];
  const url = URL.parse(short ? `ssh://${short}/${path}` : remote);
  if (!url || !/^(?:https?|ssh|git):$/.test(url.protocol) || url.pathname.length < 2) return undefined;
  // The port of ssh is not one of the web server's.
  const web = url.protocol.startsWith("http");
  return `${web ? url.protocol : "https:"}//${web ? url.host : url.hostname}${url.pathname.replace(/(?:\.git)?\/*$/, "")}`;
}

/**
 * What git says about a project: the revision (with `-dirty` when files differ from it), its remote, and the time of
 * its commit (SOURCE_DATE_EPOCH rules where it is set). Outside of git the time is 0, so that builds stay reproducible.
 */
export async function readRevision(project: string): Promise<Revision> {
  const [head, time, remote, status] = await Promise.all([
    git(project, "rev-parse", "HEAD"),
    git(project, "log", "-1", "--format=%ct"),
    git(project, "config", "--get", "remote.origin.url"),
    git(project, "status", "--porcelain", "--untracked-files=no"),
  ]);
  const epoch = Number(process.env["SOURCE_DATE_EPOCH"] ?? time ?? 0);
  return { revision: head && (status ? `${head}-dirty` : head), source: publicRemote(remote), epoch };
}
