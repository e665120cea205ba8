import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { cacheWithout } from "../support/cache.ts";
import { docker, imagesOf } from "../support/engine.ts";
import { mkimage } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];

let project: Project;
/** Programs are not looked for in the project. */
let elsewhere: string;
beforeAll(async () => {
  project = await makeProject();
  elsewhere = await mkdtemp(join(tmpdir(), "mkimage-lacking-"));
});
afterAll(async () => {
  await project?.remove();
  await rm(elsewhere, { recursive: true, force: true });
});

/** Runs a command on a machine that lacks something, and checks what every such failure has in common. */
async function lacking(
  env: Record<string, string | undefined>,
  args: readonly string[] = ["build", ...CELL],
  result = /^$/,
): Promise<{ exitCode: number | undefined; said: string }> {
  const { exitCode, stdout, stderr } = await mkimage(args, { cwd: project.folder, env });
  expect(stdout).toMatch(result);
  expect(stderr).not.toContain("this is a bug");
  expect(stderr).not.toMatch(/\n\s+at /);
  return { exitCode, said: stderr };
}

/** A folder with a program in it. */
async function programFolder(name: string, file: string, script: string): Promise<string> {
  const folder = join(elsewhere, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), script);
  await chmod(join(folder, file), 0o755);
  return folder;
}

const before = (folder: string) => ({ PATH: `${folder}${delimiter}${process.env["PATH"]}` });

describe("the engine", () => {
  test.each([["build"], ["test"]])("does not answer: mkimage %s says so", async (command) => {
    // buildx notes in its own folder which engine it was asked for, and forgets the current builder: not in the user's.
    const own = { BUILDX_CONFIG: join(elsewhere, "no-engine") };
    const { exitCode, said } = await lacking({ ...own, DOCKER_HOST: "unix:///nonexistent/docker.sock" }, [
      command,
      ...CELL,
    ]);
    expect(said).toContain("The Docker engine does not answer");
    expect(said).toContain("make engine");
    expect(exitCode).toBe(3);
  });

  test("is not installed at all", async () => {
    const folder = join(elsewhere, "no-docker");
    await mkdir(folder);
    for (const program of ["git", "python3"]) {
      const { stdout } = await execa("which", [program], { reject: false });
      if (stdout) await symlink(stdout, join(folder, program));
    }
    const { exitCode, said } = await lacking({ PATH: folder });
    expect(said).toContain("The docker command is not installed");
    expect(said).toContain("make engine");
    expect(exitCode).toBe(3);
  });
});

describe("buildx", () => {
  test("is not installed", async () => {
    const script = `#!/bin/sh\necho "docker: 'buildx' is not a docker command.\nSee 'docker --help'" >&2\nexit 1\n`;
    const { exitCode, said } = await lacking(before(await programFolder("no-buildx", "docker", script)));
    expect(said).toContain("docker buildx is missing or too old");
    expect(exitCode).toBe(3);
  });

  test("is too old", async () => {
    const metadata = '{"SchemaVersion":"0.1.0","Vendor":"test","Version":"v0.4.0","ShortDescription":"old"}';
    const plugin = `#!/bin/sh
case $1 in docker-cli-plugin-metadata) echo '${metadata}' ;; *) echo "unknown flag: --metadata-file" >&2; exit 125 ;; esac
`;
    await programFolder("old-buildx/cli-plugins", "docker-buildx", plugin);
    const { exitCode, said } = await lacking({ DOCKER_CONFIG: join(elsewhere, "old-buildx") });
    expect(said).toContain("docker buildx is missing or too old");
    expect(said).toContain("0.19");
    expect(exitCode).toBe(3);
  });

  test("has a current builder that does not answer", async () => {
    const env = { BUILDX_CONFIG: join(project.folder, "buildx"), BUILDX_BUILDER: "gone" };
    const socket = `unix://${join(project.folder, "nothing.sock")}`;
    await execa("docker", ["buildx", "create", "--name", "gone", "--driver", "remote", socket], { env });
    const { exitCode, said } = await lacking(env);
    expect(said).toContain("The current builder of docker buildx does not answer");
    expect(said).toContain("docker buildx ls");
    expect(exitCode).toBe(3);
  });
});

describe("a base", () => {
  test("is in a registry that does not answer", async () => {
    const { exitCode, said } = await lacking({}, [
      "build",
      ...CELL,
      "--base",
      "debian=127.0.0.1:1/debian:trixie-slim",
    ]);
    expect(said).toContain("A container registry does not answer");
    expect(said).toContain("127.0.0.1:1");
    expect(said).toContain("make mirror");
    expect(exitCode).toBe(3);
  });

  test("has not what a step takes from it: the step's own last lines are shown, and nothing is left", async () => {
    const { exitCode, said } = await lacking({}, ["build", ...CELL, "--base", "rie=debian:trixie-slim"]);
    expect(said).toMatch(/Step failed: \[.*RUN --mount=from=source/);
    expect(said).toMatch(/cannot stat '\/source\/usr\/local\/bin\/aws-lambda-rie'/);
    expect(exitCode).toBe(1);
    expect(await imagesOf(project.repository)).toEqual([]);
  });
});

describe.runIf(process.getuid?.() === 0)("the disk is full", () => {
  /** A folder on a file system of four megabytes. */
  async function smallDisk(name: string): Promise<string> {
    const folder = join(project.folder, name);
    await mkdir(folder);
    await execa("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]);
    onTestFinished(async () => void (await execa("umount", [folder])));
    return folder;
  }

  test("where layouts are written", async () => {
    const output = await smallDisk("output");
    const { exitCode, said } = await lacking({}, ["build", ...CELL, "--output", `oci=${output}`]);
    expect(said).toContain("The disk is full");
    expect(said).toContain("Free space");
    expect(exitCode).toBe(3);
    expect(await execa("ls", ["-A", output])).toMatchObject({ stdout: "" });
  });

  test("where temporary files are written, and no image is left", async () => {
    const env = {
      TMPDIR: await smallDisk("temporary"),
      MKIMAGE_CACHE: await cacheWithout(["images"], project.folder),
    };
    const { exitCode, said } = await lacking(env);
    expect(said).toContain("The disk is full");
    expect(exitCode).toBe(3);
    expect(await imagesOf(project.repository)).toEqual([]);
  });
});

test("an image that was not built is named with the command that builds it", async () => {
  const { exitCode, said } = await lacking({}, ["test", ...CELL], /:debian-amd64 +not built\b/);
  expect(said).toContain(`${project.repository}:debian-amd64 has not been built`);
  expect(said).toContain(`mkimage build --function ${project.function} --os debian --arch amd64`);
  expect(exitCode).toBe(1);
  expect(
    await docker("ps", "--all", "--quiet", "--filter", `label=mkimage.sandbox=${project.function}`),
  ).toBe("");
});
