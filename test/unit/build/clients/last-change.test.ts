import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { beforeEach, expect, test, vi } from "vitest";
import { readRevision } from "../../../../build/clients/git.ts";
import { type Input, lastChange } from "../../../../build/clients/last-change.ts";
import { temporaryFolder, writeTree } from "../../../support/folder.ts";

beforeEach(() => {
  vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
  vi.stubEnv("SOURCE_DATE_EPOCH", undefined);
});

const INPUTS: readonly Input[] = [
  { path: "config.json", part: (text) => JSON.parse(text).used },
  { path: "models/a.json" },
  { path: "models/a.samples.json" },
];

/** A repository, with what a commit of it has at a time. */
async function repository() {
  const folder = await temporaryFolder();
  const git = async (time: number, ...args: string[]) => {
    const date = `@${time} +0000`;
    const env = { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date };
    const user = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    return (await execa("git", [...user, ...args], { cwd: folder, env })).stdout;
  };
  await git(0, "init", "--quiet");
  const commit = async (time: number, files: Record<string, unknown>): Promise<string> => {
    await writeTree(folder, files);
    await git(time, "add", "--all");
    await git(time, "commit", "--quiet", "--allow-empty", "--message", String(time));
    return git(time, "rev-parse", "HEAD");
  };
  const last = async (project = folder, inputs = INPUTS) =>
    lastChange(project, await readRevision(project), inputs);
  return { folder, git, commit, last };
}

const FIRST = { "config.json": { used: 1, other: 1 }, "models/a.json": { task: "t" }, "models/b.json": {} };

test("commits that change no input, or another part of one, change nothing", async () => {
  const { commit, last } = await repository();
  const first = await commit(1000, FIRST);
  await commit(2000, {});
  await commit(3000, { "models/b.json": { task: "u" }, "README.md": "text" });
  await commit(4000, { "config.json": { used: 1, other: 2 } });
  expect(await last()).toMatchObject({ revision: first, epoch: 1000 });
});

test("the newest commit that changes a file or a part of one counts", async () => {
  const { commit, last } = await repository();
  await commit(1000, FIRST);
  const model = await commit(2000, { "models/a.json": { task: "v" } });
  await commit(3000, {});
  expect(await last()).toMatchObject({ revision: model, epoch: 2000 });
  const part = await commit(4000, { "config.json": { used: 2, other: 1 } });
  await commit(5000, { "config.json": { used: 2, other: 3 } });
  expect(await last()).toMatchObject({ revision: part, epoch: 4000 });
  const added = await commit(6000, { "models/a.samples.json": {} });
  expect(await last()).toMatchObject({ revision: added });
});

test.each([
  { what: "an input that differs", files: { "models/a.json": { task: "w" } }, isDirty: true },
  { what: "an input that no commit has", files: { "models/a.samples.json": {} }, isDirty: true },
  { what: "a part that differs", files: { "config.json": { used: 3 } }, isDirty: true },
  { what: "another part", files: { "config.json": { used: 1, other: 9 } }, isDirty: false },
  { what: "another file", files: { "models/b.json": { task: "w" }, "new.txt": "" }, isDirty: false },
])("$what in the folder: -dirty is $isDirty", async ({ files, isDirty }) => {
  const { commit, folder, last } = await repository();
  const first = await commit(1000, FIRST);
  await writeTree(folder, files);
  expect((await last()).revision).toBe(isDirty ? `${first}-dirty` : first);
});

test("a project in a folder of its repository, and names with what git takes for a pattern", async () => {
  const { commit, folder, last } = await repository();
  await commit(1000, { "shop/config.json": { used: 1 }, "shop/[a]*.ts": "1", "shop/a.ts": "1" });
  const changed = await commit(2000, { "shop/[a]*.ts": "2" });
  await commit(3000, { "shop/a.ts": "2" });
  const inputs = [INPUTS[0] as Input, { path: "[a]*.ts" }];
  expect(await last(join(folder, "shop"), inputs)).toMatchObject({ revision: changed });
});

test("a merge that brings no change of an input changes nothing", async () => {
  const { commit, git, last } = await repository();
  const first = await commit(1000, FIRST);
  await git(2000, "checkout", "--quiet", "-b", "side");
  await commit(2000, { "side.txt": "" });
  await git(3000, "checkout", "--quiet", "-");
  await commit(3000, { "main.txt": "" });
  await git(4000, "merge", "--quiet", "--no-edit", "side");
  expect(await last()).toMatchObject({ revision: first });
});

test("SOURCE_DATE_EPOCH rules, and what is not in git has no revision", async () => {
  const { commit, folder, last } = await repository();
  await commit(1000, FIRST);
  vi.stubEnv("SOURCE_DATE_EPOCH", "42");
  expect((await last()).epoch).toBe(42);
  expect(await last(folder, [{ path: "nothing.txt" }])).toEqual(await readRevision(folder));
  await writeFile(join(folder, "config.json"), "no JSON");
  expect((await last()).revision).toMatch(/-dirty$/);
  expect(await lastChange(folder, { epoch: 0 }, INPUTS)).toEqual({ epoch: 0 });
});
