import { randomBytes } from "node:crypto";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { removeImages } from "./engine.ts";

/** A folder with a configuration, in the middle of nothing. */
export interface Project {
  readonly folder: string;
  /** Its one function, with a name that no other test has. */
  readonly function: string;
  readonly repository: string;
  writeConfig(config: unknown): Promise<void>;
  /** Removes the folder and its images. */
  remove(): Promise<void>;
}

export const MODEL = "paraphrase-minilm-l3";

/** A project of one function that serves the repository's own model. */
export async function makeProject(config: Record<string, unknown> = {}): Promise<Project> {
  const name = `fn-${randomBytes(4).toString("hex")}`;
  const repository = `mkimage-test/${name}`;
  const folder = await mkdtemp(join(tmpdir(), "mkimage-test-"));
  await cp(join(TOOL_ROOT, "models"), join(folder, "models"), { recursive: true });
  const project: Project = {
    folder,
    function: name,
    repository,
    writeConfig: (content) =>
      writeFile(
        join(folder, "mkimage.json"),
        typeof content === "string" ? content : JSON.stringify(content, null, 2),
      ),
    async remove() {
      await removeImages(name, repository);
      await rm(folder, { recursive: true, force: true });
    },
  };
  await project.writeConfig({
    functions: { [name]: { model: MODEL } },
    repository: "mkimage-test/<function>",
    ...config,
  });
  return project;
}

/** Makes the project a git repository with one commit and this remote; returns the revision. */
export async function commitAll({ folder }: Project, remote: string): Promise<string> {
  const git = gitIn(folder);
  await git("init", "--quiet");
  await git("remote", "add", "origin", remote);
  await git("add", "mkimage.json", "models");
  await git("commit", "--quiet", "--message", "first");
  return (await git("rev-parse", "HEAD")).stdout;
}

/** git in a folder, as somebody. */
export function gitIn(folder: string) {
  const settings = ["user.name=test", "user.email=test@example.com", "commit.gpgsign=false"];
  const identity = settings.flatMap((setting) => ["-c", setting]);
  return (...args: string[]) => execa("git", [...identity, ...args], { cwd: folder });
}
