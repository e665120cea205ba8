import { chmod, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, describe, expect, test, vi } from "vitest";
import { readRevision } from "../../../../build/clients/git.ts";
import { environmentOf, start } from "../../../../build/processes/programs.ts";
import { ask } from "../../../../build/processes/tools.ts";
import { TOOL_ROOT } from "../../../../build/tool-root.ts";
import { temporaryFolder, writeTree } from "../../../support/folder.ts";

const exists = (path: string) => stat(path).then(Boolean, () => false);

test("nothing but processes/programs.ts starts a process", async () => {
  const files = await readdir(join(TOOL_ROOT, "build"), { recursive: true });
  const starting: string[] = [];
  for (const file of files.filter((name) => name.endsWith(".ts"))) {
    const text = await readFile(join(TOOL_ROOT, "build", file), "utf8");
    const imports = text.match(/import (?!type)[^;]*from "(?:execa|node:child_process|node:cluster)"/g) ?? [];
    const starts = imports.filter((each) => !/\{ (?:ExecaError|type \w+|, )+ \}/.test(each));
    if (starts.length > 0 || /import\("(?:execa|node:child_process)"\)/.test(text)) starting.push(file);
  }
  expect(starting).toEqual(["processes/programs.ts"]);
});

describe("a program gets", () => {
  const env = {
    PATH: [
      "/work/app/node_modules/.bin",
      "node_modules/.bin",
      "",
      "/usr/bin",
      "/work/app",
      "/work/apps/bin",
    ].join(":"),
    HOME: "/root",
    HF_TOKEN: "secret",
    AWS_SECRET_ACCESS_KEY: "secret",
    PYTHONPATH: "/work/app",
    GIT_DIR: "/work/app/evil",
    NODE_OPTIONS: "--require ./evil.js",
    LD_PRELOAD: "./evil.so",
    https_proxy: "http://proxy",
    DOCKER_CONFIG: "../.docker",
    // docker buildx would give it to every target, and make all of them again for another time.
    SOURCE_DATE_EPOCH: "1700000000",
  };

  test.each([
    ["git", ["HOME", "PATH", "https_proxy"]],
    ["python3", ["HOME", "PATH", "https_proxy"]],
    ["docker", ["AWS_SECRET_ACCESS_KEY", "DOCKER_CONFIG", "HOME", "PATH", "https_proxy"]],
  ] as const)("%s its own variables alone", (program, names) => {
    expect(Object.keys(environmentOf(program, env, "/work/app")).sort()).toEqual([...names].sort());
  });

  test("paths that do not depend on its working folder", () => {
    expect(environmentOf("docker", env, "/work/app")["DOCKER_CONFIG"]).toBe("/work/.docker");
  });

  test("no folder of the project to look for programs in", () => {
    expect(environmentOf("docker", env, "/work/app")["PATH"]).toBe("/usr/bin:/work/apps/bin");
  });
});

describe("where the tool is started in a folder that is no project's alone", () => {
  const PATH = "/home/me/app/node_modules/.bin:/home/me/.docker/bin:/usr/bin:bin";
  const found = (project: string) => environmentOf("docker", { PATH, HOME: "/home/me" }, project)["PATH"];

  test.each(["/", "/home", "/home/me"])("%s: the user's and the system's programs are found", (project) => {
    expect(found(project)).toBe("/home/me/.docker/bin:/usr/bin");
  });

  test("a project in the home is one", () => {
    expect(found("/home/me/.docker")).toBe("/home/me/app/node_modules/.bin:/usr/bin");
  });
});

test("ps says when a process was started in the same words to everyone", () => {
  const env = { PATH: "/usr/bin", TZ: "Asia/Tokyo", LC_ALL: "de_DE.UTF-8" };
  expect(environmentOf("ps", env, "/work/app")).toMatchObject({ TZ: "UTC", LC_ALL: "C" });
});

describe("no file of a project runs", () => {
  const here = process.cwd();
  afterEach(() => process.chdir(here));

  test("a module beside mkimage.json with the name of pip", async () => {
    const marker = join(await temporaryFolder(), "ran");
    const evil = `open(${JSON.stringify(marker)}, "w")`;
    const project = await temporaryFolder({ "pip.py": evil, "zipfile.py": evil, "sitecustomize.py": evil });
    process.chdir(project);
    vi.stubEnv("PYTHONPATH", project);
    await ask("python3", "-m", "pip", "--version");
    expect(await exists(marker)).toBe(false);
    // Not so without a policy, or the test would prove nothing.
    await execa("python3", ["-m", "pip", "--version"], { reject: false });
    expect(await exists(marker)).toBe(true);
  });

  test("a program of the name of ours in node_modules/.bin", async () => {
    const marker = join(await temporaryFolder(), "ran");
    const project = await temporaryFolder({ "node_modules/.bin/git": `#!/bin/sh\ntouch ${marker}\n` });
    await chmod(join(project, "node_modules/.bin/git"), 0o755);
    process.chdir(project);
    vi.stubEnv("PATH", `${join(project, "node_modules/.bin")}:${process.env["PATH"]}`);
    const { stdout } = await start("git", ["--version"], {});
    expect(stdout).toMatch(/^git version/);
    expect(await exists(marker)).toBe(false);
  });

  test("what the configuration of its repository names", async () => {
    const marker = join(await temporaryFolder(), "ran");
    const evil = `sh -c "touch ${marker}; cat"`;
    const project = await temporaryFolder({ "a.txt": "one", ".gitattributes": "*.txt filter=evil\n" });
    const git = (...args: string[]) => execa("git", args, { cwd: project, stdin: "ignore" });
    await git("init", "--quiet");
    await git("add", ".");
    await git(
      "-c",
      "user.name=a",
      "-c",
      "user.email=a@example.com",
      "commit",
      "--quiet",
      "--message",
      "first",
    );
    for (const name of ["core.fsmonitor", "filter.evil.clean", "gpg.program", "diff.external"]) {
      await git("config", name, evil);
    }
    for (const [name, value] of [
      ["filter.evil.required", "true"],
      ["log.showSignature", "true"],
    ]) {
      await git("config", name as string, value as string);
    }
    // As long as before, so that git has to compare the content.
    await writeTree(project, { "a.txt": "two" });
    expect((await readRevision(project)).revision).toMatch(/^[0-9a-f]{40}-dirty$/);
    expect(await exists(marker)).toBe(false);
    await git("status");
    expect(await exists(marker)).toBe(true);
  });
});
