import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { publicRemote, readRevision } from "../../../../build/clients/git.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

test.each([
  ["https://github.com/team/project.git", "https://github.com/team/project"],
  ["https://github.com/team/project", "https://github.com/team/project"],
  ["https://github.com/team/project.git/", "https://github.com/team/project"],
  ["https://user:ghp_secret@github.com/team/project.git", "https://github.com/team/project"],
  ["https://ghp_secret@github.com/team/project", "https://github.com/team/project"],
  ["https://user:p@ss@github.com/team/project.git", "https://github.com/team/project"],
  ["https://git.example:8443/team/project.git", "https://git.example:8443/team/project"],
  ["https://git.example/a/b/c.git?token=secret#x", "https://git.example/a/b/c"],
  ["git@github.com:team/project.git", "https://github.com/team/project"],
  ["deploy@git.example:/srv/project.git", "https://git.example/srv/project"],
  ["ssh://git@github.com/team/project.git", "https://github.com/team/project"],
  ["ssh://git:secret@git.example:2222/team/project.git", "https://git.example/team/project"],
  ["git://git.example/project.git", "https://git.example/project"],
])("the remote %s is public as %s", (remote, shown) => {
  expect(publicRemote(remote)).toBe(shown);
});

test.each([
  undefined,
  "",
  "/srv/git/project.git",
  "../project",
  "./project.git",
  "file:///home/user/project",
  "C:\\Users\\user\\project",
  "C:/Users/user/project",
  "https://github.com/",
  "not a remote",
])("the remote %s is not shown", (remote) => {
  expect(publicRemote(remote)).toBeUndefined();
});

describe("the revision of a project", () => {
  beforeEach(() => {
    vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
    vi.stubEnv("SOURCE_DATE_EPOCH", undefined);
  });

  async function repository(): Promise<string> {
    const folder = await temporaryFolder({ "mkimage.json": "{}" });
    const git = (...args: string[]) =>
      execa("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
        cwd: folder,
        env: { GIT_COMMITTER_DATE: "1700000000 +0000", GIT_AUTHOR_DATE: "1700000000 +0000" },
      });
    await git("init", "--quiet");
    await git("add", ".");
    await git("commit", "--quiet", "--message", "first");
    await git("remote", "add", "origin", "https://user:secret@example.com/team/project.git");
    return folder;
  }

  test("is the commit, its time and its remote without credentials", async () => {
    expect(await readRevision(await repository())).toEqual({
      revision: expect.stringMatching(/^[0-9a-f]{40}$/),
      source: "https://example.com/team/project",
      epoch: 1_700_000_000,
    });
  });

  test("says -dirty when a tracked file differs", async () => {
    const folder = await repository();
    await writeFile(join(folder, "new.txt"), "untracked");
    expect((await readRevision(folder)).revision).toMatch(/^[0-9a-f]{40}$/);
    await writeFile(join(folder, "mkimage.json"), "{ }");
    expect((await readRevision(folder)).revision).toMatch(/^[0-9a-f]{40}-dirty$/);
  });

  test("has the time of SOURCE_DATE_EPOCH where it is set", async () => {
    vi.stubEnv("SOURCE_DATE_EPOCH", "42");
    expect((await readRevision(await repository())).epoch).toBe(42);
  });

  test("a SOURCE_DATE_EPOCH that is no time is refused", async () => {
    for (const text of ["yesterday", "1.5", "-1", "2026-01-01"]) {
      vi.stubEnv("SOURCE_DATE_EPOCH", text);
      const error = await refusal(async () => readRevision(await repository()));
      expect(error).toMatchObject({
        exitCode: 2,
        message: `SOURCE_DATE_EPOCH is "${text}", which is not a time`,
      });
    }
  });

  test("of a folder that belongs to another user is not told, and how to trust it", async () => {
    const folder = await repository();
    vi.stubEnv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    const { unknown, ...facts } = await readRevision(folder);
    expect(facts).toEqual({ source: undefined, epoch: 0 });
    expect(unknown).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining(
        `of ${folder} cannot be determined: fatal: detected dubious ownership`,
      ),
      hint: expect.stringContaining(`git config --global --add safe.directory ${folder}`),
    });
  });

  test("of a repository without a commit, or with broken data, is not told either, in whatever language", async () => {
    vi.stubEnv("LC_ALL", "de_DE.UTF-8");
    const empty = await temporaryFolder();
    await execa("git", ["init", "--quiet"], { cwd: empty });
    expect((await readRevision(empty)).unknown).toMatchObject({
      message: expect.stringContaining("does not have any commits yet"),
      hint: "Commit the project first (git add . && git commit), or set the version with --image-version.",
    });
    const broken = await temporaryFolder({ ".git": "gitdir: /nowhere/.git/worktrees/a" });
    expect((await readRevision(broken)).unknown?.message).toContain("not a git repository: /nowhere");
  });

  test("outside of git has no revision and the time 0", async () => {
    const folder = await temporaryFolder();
    vi.stubEnv("GIT_CEILING_DIRECTORIES", join(folder, ".."));
    expect(await readRevision(folder)).toEqual({ revision: undefined, source: undefined, epoch: 0 });
  });

  test("without git has none either, unless a repository is there", async () => {
    const folder = await repository();
    const none = { revision: undefined, source: undefined, epoch: 0 };
    vi.stubEnv("PATH", await temporaryFolder());
    expect(await readRevision(await temporaryFolder())).toEqual(none);
    const { unknown, ...facts } = await readRevision(folder);
    expect(facts).toEqual(none);
    expect(unknown).toMatchObject({ message: expect.stringContaining("git is not installed"), exitCode: 3 });
  });
});
