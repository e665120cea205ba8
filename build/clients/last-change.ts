import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { git, Refused, type Revision, sourceDateEpoch, statusOf } from "./git.ts";

/** A file that something is made of, or the part of it that counts. */
export interface Input {
  /** Relative to the project's folder. */
  readonly path: string;
  /** What counts of the file's text. Default: all of it. */
  readonly part?: (text: string) => unknown;
}

interface Commit {
  readonly id: string;
  /** Seconds since 1970. */
  readonly time: number;
}

/** How far back a change of a part is looked for: further back, the oldest of these commits stands for it. */
const MOST_COMMITS = 100;

async function commits(project: string, most: number, paths: readonly string[]): Promise<Commit[]> {
  const args = ["log", `--max-count=${most}`, "--format=%H %ct", "--", ...paths];
  const lines = (await git(project, "--literal-pathspecs", ...args)).split("\n").filter(Boolean);
  return lines
    .map((line) => line.split(" ") as [string, string])
    .map(([id, time]) => ({ id, time: Number(time) }));
}

/** A part of a text; a text that is not there, or cannot be read, has none. */
async function partOf(text: Promise<string>, part: (text: string) => unknown): Promise<unknown> {
  try {
    return part(await text);
  } catch {
    return undefined;
  }
}

const atCommit = (project: string, commit: string, { path, part = String }: Input): Promise<unknown> =>
  partOf(git(project, "cat-file", "blob", `${commit}:./${path}`), part);

/** The commit that has last changed the part of a file: the oldest one in a row that have it as it is in HEAD. */
async function lastChangeOfPart(project: string, input: Input): Promise<Commit | undefined> {
  const now = await atCommit(project, "HEAD", input);
  let last: Commit | undefined;
  for (const commit of await commits(project, MOST_COMMITS, [input.path])) {
    if (!isDeepStrictEqual(await atCommit(project, commit.id, input), now)) break;
    last = commit;
  }
  return last;
}

/** Whether the part of a file is another one than in HEAD. */
async function isPartChanged(project: string, input: Input): Promise<boolean> {
  const { path, part = String } = input;
  // git's own words end without a newline.
  const text = readFile(join(project, path), "utf8").then((content) => content.trim());
  return !isDeepStrictEqual(await partOf(text, part), await atCommit(project, "HEAD", input));
}

/**
 * The revision of what is made of these files: the commit that has last changed one of them, its time, and `-dirty` when one
 * differs from the last commit. Commits that touch others change nothing. In a shallow clone, which lacks older commits, it is
 * the oldest that there is.
 * @param head the project's own revision; without one there is none
 */
export async function lastChange(
  project: string,
  head: Revision,
  inputs: readonly Input[],
): Promise<Revision> {
  if (head.revision === undefined) return head;
  try {
    const whole = inputs.filter(({ part }) => !part).map(({ path }) => path);
    const parts = inputs.filter(({ part }) => part);
    const changes = await Promise.all([
      commits(project, 1, whole).then(([commit]) => commit),
      ...parts.map((input) => lastChangeOfPart(project, input)),
    ]);
    const found = changes.filter((commit) => commit !== undefined).sort((a, b) => b.time - a.time);
    const status = await statusOf(project, "--untracked-files=all", "--", ...whole);
    const changed = await Promise.all(parts.map((input) => isPartChanged(project, input)));
    const [last] = found;
    if (!last) return head;
    const isDirty = status !== "" || changed.includes(true);
    return {
      ...head,
      revision: isDirty ? `${last.id}-dirty` : last.id,
      epoch: sourceDateEpoch() ?? last.time,
    };
  } catch (error) {
    if (error instanceof Refused) return head;
    throw error;
  }
}
